package resolver_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/resolver"
)

// static is a Querier of one's own: it knows one domain.
type static struct{}

func (static) Query(_ context.Context, name string, t resolver.Type) (resolver.Answer, error) {
	switch {
	case name == "_sip._tcp.example.com" && t == resolver.TypeSRV:
		return resolver.Answer{TTL: time.Hour, SRV: []resolver.SRV{
			{Priority: 2, Port: 5060, Target: "backup.example.com"},
			{Priority: 1, Port: 5060, Target: "sip.example.com"},
		}}, nil
	case name == "sip.example.com" && t == resolver.TypeA:
		return resolver.Answer{TTL: time.Hour, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}, nil
	case name == "backup.example.com" && t == resolver.TypeA:
		return resolver.Answer{TTL: time.Hour, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.2")}}, nil
	}
	return resolver.Answer{TTL: time.Hour}, nil // no such record
}

func ExampleNew() {
	r := resolver.New(&resolver.Config{DNS: static{}, Random: rand.NewPCG(1, 2)})
	defer r.Close()
	uri, err := parser.ParseURI([]byte("sip:alice@example.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	targets, err := r.Locate(context.Background(), uri)
	for _, t := range targets {
		fmt.Println(t)
	}
	fmt.Println(err)
	// Output:
	// 192.0.2.1:5060;transport=tcp
	// 192.0.2.2:5060;transport=tcp
	// <nil>
}

func ExampleResolver_Locate() {
	r := resolver.New(nil) // asks as this host does
	defer r.Close()
	layer := transport.New(&transport.Config{Locate: r.Locate})
	defer layer.Shutdown(context.Background())
	uri, err := parser.ParseURI([]byte("sip:alice@192.0.2.7;transport=tcp")) // of which DNS is asked nothing
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(layer.Targets(context.Background(), uri))
	// Output: [192.0.2.7:5060;transport=tcp] <nil>
}

func ExampleDenyList() {
	var d resolver.DenyList
	now := time.Unix(0, 0)
	targets := []transport.Target{
		{Protocol: transport.UDP, Addr: netip.MustParseAddrPort("192.0.2.1:5060")},
		{Protocol: transport.UDP, Addr: netip.MustParseAddrPort("192.0.2.2:5060")},
	}
	d.Failed(targets[0], now)
	fmt.Println(d.Order(targets, now))
	fmt.Println(d.Order(targets, now.Add(time.Minute)))
	// Output:
	// [192.0.2.2:5060;transport=udp 192.0.2.1:5060;transport=udp]
	// [192.0.2.1:5060;transport=udp 192.0.2.2:5060;transport=udp]
}

// A Querier of one's own that asks over TLS or HTTPS needs no more of DNS than this.
func ExampleReadReply() {
	question, err := resolver.AppendQuestion(nil, 0x2a07, "sip.example.com", resolver.TypeA)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(question), "octets go to the server")
	reply := "\x2a\x07\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + "\x03sip\x07example\x03com\x00\x00\x01\x00\x01" +
		"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01"
	r, err := resolver.ReadReply([]byte(reply), 0x2a07, "sip.example.com", resolver.TypeA)
	fmt.Println(r.Addrs, r.TTL, err)
	_, err = resolver.ReadReply([]byte(reply), 0x2a08, "sip.example.com", resolver.TypeA)
	fmt.Println(err)
	// Output:
	// 44 octets go to the server
	// [192.0.2.1] 1m0s <nil>
	// not the answer to what was asked
}
