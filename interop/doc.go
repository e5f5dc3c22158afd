// Package interop runs the program sip against other people's SIP programs, over loopback. It is a module of its own and holds
// only tests:
//
//	cd interop && go test ./...
//
// The peers come from Debian: apt-get install sip-tester sipsak tshark sngrep knot kamailio linphone-cli baresip-core chromium nodejs npm. What runs in Node and in the browser comes
// from npm: cd testdata/browser && npm ci --ignore-scripts. Where a peer is missing its tests are skipped and say so; with
// CI set in the environment they fail instead. No test uses a fixed port, an address that is not loopback, or a
// process that it did not start.
package interop
