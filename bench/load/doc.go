// Load drives SIP servers over UDP on the loopback address and tells what each costs:
//
//	cd bench && go run ./load                    # everything, about two minutes
//	cd bench && go run ./load -rounds 1 -ops 5000 # a look
//	cd bench && go run ./load -soak 90s          # only the long run at a fixed rate
//	cd bench && go run ./load -storm 10000       # only registrars: so many phones that refresh at once
//
// # What is compared
//
//   - floor: a loop that copies Via, From, To, Call-ID and CSeq of each request behind a canned 200. What it costs is the price
//     of the kernel's sockets, and every figure is told as a multiple of it.
//   - ringback: this stack, with full transactions, dialogs and sessions, and its default configuration.
//   - sipgo: github.com/emiago/sipgo with transactions, and for calls with its dialogs; "sipgo, no dialogs" leaves these out.
//   - Kamailio, where it is installed, with two children: once answering without transactions and once with them.
//
// Each is a process of its own, so that its processor time can be read from /proc: this needs Linux. Requests come from
// this process, from plain sockets and prebuilt messages; no SIP library is involved.
//
// # How
//
// A workload is a number of operations with at most so many under way: OPTIONS, REGISTER, or whole calls of INVITE, 200,
// ACK, BYE and 200. What is not answered within half a second is sent again, and counted as lost. The candidates take
// turns, in a changing order, and a ratio is that of one candidate and the floor in the same round; the table shows the
// median of the rounds.
//
// A storm is the same with registrars: each of the phones registers, and refreshes in every round. sipgo has no registrar; its candidate is the
// register handler of its own example, which remembers a contact for each user and nothing else.
//
// The client side is measured the other way round: the floor answers, and the candidate asks.
package main
