// Package ua is what an application holds: an [Agent] that places and takes calls, sends and answers
// requests, and looks after everything that RFC 3261 wants of a user agent in between.
//
// # One call, one handler
//
// [Config].OnCall is run for each call that comes in, on a goroutine of the call's own. It may ring, must answer or
// reject before it returns (else the call is answered 480 for it), and may then return while the call goes on or stay until
// [Call.Done]. [Agent.Call] places a call and returns when it was answered. Either side's [Call.Hangup] ends it: by CANCEL, BYE
// or a refusal, whichever the state of the call asks for.
//
// # Registration
//
// [Agent.Register] registers an address of record and keeps it registered until [Registration.Unregister] or the agent's end: see package registration
// for when it does what. Each flow to a registrar is a [Registration] of its own.
//
// # Order
//
// What needs no application is finished in the reader of the flow it came on, in arrival order: OPTIONS, ACK, BYE, CANCEL,
// retransmissions, and every response. Handlers run one at a time for each call and at the same time for different ones.
//
// # Every state has a deadline
//
// Ringing ends after Config.RingTimeout, a 200 that nobody acknowledges after 64*T1 (and the BYE that follows after
// another 64*T1), a call after Config.MaxDuration. When a call is over, [Agent.Stats] counts nothing of it.
//
// # Media
//
// Bodies are opaque: session descriptions are made and read by the application.
package ua
