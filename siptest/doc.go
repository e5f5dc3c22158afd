// Package siptest is for tests of SIP software: a network in memory that loses, delays, repeats and cuts, a NAT, scripts of
// call flows, and checks that nothing is left when a test ends. It is made for [testing/synctest], where the 32 seconds
// of a transaction's timers take no time at all.
//
// # The network
//
// [NewNetwork] makes one with a seed and [Conditions]; [Network.Host] adds machines, whose ListenPacket, Listen and Dial take the
// place of package net's. What a seed does to the packets of one way does not depend on other traffic, so that a
// failure is shown again by its seed as long as each host sends in the same order.
//
// # Scripts
//
// A [Script] is a call flow as text. Its first lines say who takes part; lines that start with # are comments.
//
//	agent NAME ADDRESS [WORD...]   a real user agent, which the test supplies (see Actor); it gets the words
//	peer NAME ADDRESS              a user agent that the script plays, by the rules that follow it
//	  on WHAT [#N] reply STATUS [OPTION...], ...
//	  on WHAT [#N] send METHOD [OPTION...], ...
//	proxy NAME ADDRESS SETTING...  a proxy that the script plays
//	domain DOMAIN NAME...          who serves a domain, in order
//
// All listen on port 5060, UDP and TCP. A name stands for its owner's URI wherever a URI may stand, user@NAME for another user there.
//
// A peer does what its rules say and nothing else, except that it acknowledges refusals, repeats what it sends until that is
// answered, and answers again what is repeated to it: a rule acts once on each message, however often that comes. WHAT is a method for
// a request and STATUS METHOD for a response to a request of the peer's own; with #N the rule is for the Nth of these only. ACK is one to
// a 2xx. The options are:
//
//	tag=TAG           the peer's tag; each 2xx with another one makes a dialog of its own
//	after DURATION    wait
//	to METHOD         reply to the call's pending request of that method: 487 to INVITE
//	to URI            send outside a dialog; without it a request goes into the dialog
//	via NAME          send by way of that proxy, in a Route
//	contact=URI       another Contact than the peer's own
//	header=NAME:VALUE another header field, with ~ for a blank
//	bare              without session description
//	sdp               with one, also in a provisional response or a PRACK
//
// A PRACK acknowledges the last reliable provisional response, unless it has a RAck of its own.
//
// A proxy forwards statefully, and what it is told to besides: `to NAME`, who gets what is addressed to the proxy or to
// a domain; `record-route`; `challenges REALM`, which asks requests outside a dialog for any credentials of that realm with its nonce;
// `redirects URI`; `answers STATUS`; `silent`; `gives-up STATUS`, instead of 408, when nobody answers an INVITE.
//
// The section `steps` says what happens when, in the order of time:
//
//	TIME NAME VERB...   agents: what the Actor knows; peers: see below; every one: `vanishes`, `returns`, `resets`
//	TIME end            nothing happens any more; without it the last step is the end
//
// A peer `sends METHOD [OPTION...]`, in its latest dialog as soon as there is one that is confirmed, or with `to URI` outside;
// `sends CANCEL` for its last INVITE; `repeats METHOD`, the octets of the last one; and `sends stray STATUS METHOD to URI`, a
// response to nothing. Who vanishes reaches nobody and is reached by nobody; who resets has every
// stream reset.
//
// The section `ladder` holds the messages on a perfect network with a delay of 10 ms, each at the time at which it was sent; `-x` is
// one that did not arrive. `ladder over tcp` is there when the arrows differ over TCP. Tests write both sections.
//
// The section `outcome` says how it ends for each agent, and may say what peers got at least:
//
//	NAME: OUTCOME | OUTCOME...
//
// The words are the Actor's, or `got` and methods and statuses, with /TAG for those of one dialog, or `got nothing`. A line `or` begins another way to
// end. Where messages are lost `outcome under loss` holds instead, and where streams are reset `outcome under resets`, if they are
// there; else the section before.
package siptest
