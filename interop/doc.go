// Package interop runs the program sip against other people's SIP programs, over loopback. It is a module of its own and holds
// only tests:
//
//	cd interop && go test ./...
//
// The peers come from Debian: apt-get install sip-tester sipsak knot. Where one is missing its tests are skipped and say so; with
// CI set in the environment they fail instead. No test uses a fixed port, an address that is not loopback, or a
// process that it did not start.
package interop
