package transport_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/ws"
)

// A layer that answers every request with 200, and one that asks it.
func Example() {
	server := transport.New(&transport.Config{
		Receive: func(h *transport.Hop, m *parser.Message) (kept bool) {
			if !m.IsRequest() || m.Method() == parser.MethodAck {
				return false
			}
			var b parser.Builder
			b.Response(m, parser.StatusOK, "", "b2")
			if w, err := b.Wire(); err == nil {
				_ = h.Send(w)
			}
			return false
		},
	})
	answers := make(chan string, 1)
	client := transport.New(&transport.Config{
		Receive: func(_ *transport.Hop, m *parser.Message) (kept bool) {
			answers <- string(m.StartLine())
			return false
		},
	})
	ctx := context.Background()
	at, err := server.Listen(ctx, transport.UDP, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Listen(ctx, transport.UDP, "127.0.0.1:0"); err != nil {
		fmt.Println(err)
		return
	}

	hop, err := client.Hop(transport.Target{Protocol: transport.UDP, Addr: at})
	if err != nil {
		fmt.Println(err)
		return
	}
	wire, err := options(hop)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := hop.Send(wire); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-answers)

	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	fmt.Println(client.Shutdown(ctx), server.Shutdown(ctx))
	// Output:
	// SIP/2.0 200 OK
	// <nil> <nil>
}

// options returns an OPTIONS request to be sent on h: the way first, then Via, then the octets.
func options(h *transport.Hop) (parser.Wire, error) {
	uri, err := parser.ParseURI([]byte("sip:" + h.Remote().String()))
	if err != nil {
		return parser.Wire{}, err
	}
	var b parser.Builder
	b.Request(parser.MethodOptions, uri)
	b.Via(h.Protocol().String(), h.SentBy(), "z9hG4bK776asdhds")
	b.Int(parser.HeaderMaxForwards, 70)
	b.Address(parser.HeaderFrom, "", uri, "a1")
	b.Address(parser.HeaderTo, "", uri, "")
	b.Header(parser.HeaderCallID, "a84b4c76e66710")
	b.CSeq(1, parser.MethodOptions)
	return b.Wire()
}

// A Flow is wanted where the connection itself matters, such as one to keep alive.
func ExampleLayer_Flow() {
	ctx := context.Background()
	server, client := transport.New(nil), transport.New(nil)
	at, err := server.Listen(ctx, transport.TCP, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	flow, err := client.Flow(ctx, transport.Target{Protocol: transport.TCP, Addr: at})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(flow.Protocol(), flow.Reliable(), flow.Remote() == at)
	_ = server.Shutdown(ctx)
	<-flow.Done()
	fmt.Println(client.Shutdown(ctx))
	// Output:
	// TCP true true
	// <nil>
}

func ExampleLocateLiteral() {
	for _, text := range []string{"sip:echo@192.0.2.1", "sip:echo@[2001:db8::1]:5070;transport=tcp", "sip:echo@example.com"} {
		uri, err := parser.ParseURI([]byte(text))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(transport.LocateLiteral(context.Background(), uri))
	}
	// Output:
	// [192.0.2.1:5060;transport=udp] <nil>
	// [[2001:db8::1]:5070;transport=tcp] <nil>
	// [] locate sip:echo@example.com: "example.com" is a name: write a numeric address, or give Config.Locate a resolver
}

func ExampleParseProtocol() {
	fmt.Println(transport.ParseProtocol("udp"))
	fmt.Println(transport.ParseProtocol("sctp"))
	// Output:
	// UDP <nil>
	//  transport sctp is not built in: use udp, tcp, tls, ws or wss
}

func ExampleDeadlines() {
	for _, d := range transport.Deadlines() {
		fmt.Printf("%-29s %-6v %s\n", d.State, d.Bound, d.End)
	}
	// Output:
	// dialing                       5s     -> closed, Failed for each queued message
	// handshake                     10s    -> closed, Failed for each queued message
	// waiting for the first message 10s    answer a request that can be read, -> closing
	// idle                          3m0s   -> closed
	// reading a message             10s    answer a request that can be read, -> closing
	// writing                       10s    -> closed, Failed for each message not written
	// closing                       2s     -> closed
	// resting                       30s    ping, -> waiting
	// waiting                       10s    -> closed
	// resting                       29s    ping, -> waiting
	// waiting                       39.5s  the flow has failed
	// searching                     10s    -> lost, Failed
	// answered                      2m0s   its budget is forgotten, and new
	// refused                       10s    forgotten
}

// SIP over WebSocket beside a web application, on one port.
func ExampleLayer_WebSocket() {
	l := transport.New(&transport.Config{
		WebSocket: transport.WebSocketConfig{Check: ws.Origins("https://example.com")},
	})
	mux := http.NewServeMux()
	mux.Handle("/sip", l.WebSocket())
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the application") })
	server := httptest.NewServer(mux)
	defer server.Close()

	r, err := http.Get(server.URL + "/sip") // a page that is none
	fmt.Println(r.Status, err)
	fmt.Println(l.Shutdown(context.Background()))
	// Output:
	// 426 Upgrade Required <nil>
	// <nil>
}

// A server over TLS whose certificate can be renewed while it runs.
func ExampleLoadCertificate() {
	files, err := transport.LoadCertificate("/etc/sip/cert.pem", "/etc/sip/key.pem", func(err error) {
		slog.Error("the new certificate cannot be used", "err", err)
	})
	if err != nil {
		fmt.Println("no certificate here")
		return
	}
	l := transport.New(&transport.Config{TLS: transport.TLSConfig{Certificate: files.Certificate}})
	l.Listen(context.Background(), transport.TLS, "0.0.0.0:5061")
	// Output:
	// no certificate here
}

// A flow that is kept open through NATs says when it has failed.
func ExampleFlow_KeepAlive() {
	ctx := context.Background()
	server := transport.New(nil)
	at, err := server.Listen(ctx, transport.TCP, "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	client := transport.New(nil)
	flow, err := client.Flow(ctx, transport.Target{Protocol: transport.TCP, Addr: at})
	if err != nil {
		log.Fatal(err)
	}
	failed := make(chan error, 1)
	stop, err := flow.KeepAlive(0, func(err error) { failed <- err })
	if err != nil {
		log.Fatal(err)
	}
	defer stop()
	server.Shutdown(ctx)
	fmt.Println("failed:", <-failed != nil)
	client.Shutdown(ctx)
	// Output:
	// failed: true
}
