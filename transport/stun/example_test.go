package stun_test

import (
	"crypto/rand"
	"fmt"
	"net/netip"

	"github.com/ringback-sip/ringback/transport/stun"
)

func Example() {
	var id stun.ID
	rand.Read(id[:])
	ping := stun.AppendRequest(nil, id)

	// The server sees where the request came from, which is what a NAT made of the client's address.
	pong, _ := stun.AppendAnswer(nil, ping, netip.MustParseAddrPort("203.0.113.7:40001"))

	fmt.Println(stun.Response(pong, id))
	// Output:
	// 203.0.113.7:40001 <nil>
}
