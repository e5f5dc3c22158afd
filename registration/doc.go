// Package registration is the client's side of a registration (RFC 3261, Section 10.2): when a REGISTER is sent, when it is sent again, how long to
// wait after a failure, and that nobody stays unregistered for good who wanted to be reached. It is pure: no I/O, no clock, no lock, no
// goroutine, and no choice by chance. What happened, the present time and the chances are arguments, what is to be done comes back as values.
//
// A [Client] is one registration: one address of record, registered over one flow. It holds no message and no binding; package ua writes the
// requests, reads the answers and tells the Client what they mean.
//
// # Specifications
//
// RFC 3261, Sections 10.2 and 20.23 (refreshes, Min-Expires); RFC 5626, Sections 4.2 and 4.5 (flows that fail, and how long to wait).
package registration
