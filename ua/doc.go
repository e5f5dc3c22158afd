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
// # Before the answer
//
// [Call.Progress] with a body is early media: to a caller who supports it the response is repeated until the caller's PRACK has come (RFC 3262), which
// [Call.Acknowledged] waits for, and the 200 says nothing twice. A caller acknowledges by itself. An INVITE that a proxy forks rings at several phones:
// [CallOptions].OnEarly shows each as an [Early] of its own, with its session description, and which one won.
//
// # Taking over
//
// An INVITE may ask to take the place of a call, or to join it (RFC 3891, RFC 3911). Whoever learned the identifiers of a call could: so nothing is taken over
// unless [Config].OnReplaces or OnJoin says so.
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
// Ringing ends after Config.RingTimeout, a response that wants an ACK or a PRACK and gets none after 64*T1 (and the BYE that follows a 200
// after another 64*T1), a call after Config.MaxDuration. When a call is over, [Agent.Stats] counts nothing of it.
//
// # Handing calls over
//
// [Call.Snapshot] is a call's signalling state as bytes, with which [Agent.Restore] goes on in another process, after a deploy or a crash: it asks the
// peer whether it is still there.
//
// # Media
//
// Bodies are opaque: session descriptions are made and read by the application.
package ua
