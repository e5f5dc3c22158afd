// Package blackbox holds tests that know of the stack what an attacker knows: the API that a service offers, and the wire.
// They send what no peer should, in numbers that no peer would, and look at what comes back, what is left, and how a
// good client fares meanwhile. There is no code here but tests.
//
// Most run in the fake network of package siptest, where a minute takes no time. What has to be fast or slow in real time, or
// needs ten thousand sockets, runs over loopback addresses. What takes long runs a thousandth of itself unless the flag -long is given:
//
//	go test ./blackbox -long -timeout 2h
//
// The torture messages of RFC 4475 and RFC 5118 stand in ua/torture_test.go, calls under loss in ua/flows_test.go, and certificates
// in the tests of package transport.
package blackbox
