package siptest_test

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/ringback-sip/ringback/siptest"
)

var (
	alice = netip.MustParseAddr("10.0.0.1")
	bob   = netip.MustParseAddr("10.0.0.2")
)

func ExampleNetwork() {
	n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
	defer n.Close()
	a, _ := n.Host(alice).ListenPacket(netip.AddrPortFrom(alice, 5060))
	b, _ := n.Host(bob).ListenPacket(netip.AddrPortFrom(bob, 5060))

	a.WriteTo([]byte("hello"), b.LocalAddr())
	buf := make([]byte, 100)
	k, from, err := b.ReadFrom(buf)
	fmt.Println(string(buf[:k]), from, err)

	n.Partition(alice, bob)
	a.WriteTo([]byte("hello?"), b.LocalAddr())
	b.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, _, err = b.ReadFrom(buf)
	fmt.Println(err)
	// Output:
	// hello 10.0.0.1:5060 <nil>
	// read udp 10.0.0.2:5060: i/o timeout
}

func ExampleHost_Dial() {
	n := siptest.NewNetwork(1, siptest.Conditions{})
	defer n.Close()
	h := n.Host(bob)
	l, _ := h.Listen(netip.AddrPortFrom(bob, 5060))
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		io.WriteString(c, "hello")
		c.Close()
	}()

	a := n.Host(alice)
	c, err := a.Dial(context.Background(), "tcp", netip.AddrPort{}, netip.AddrPortFrom(bob, 5060))
	if err != nil {
		fmt.Println(err)
		return
	}
	all, err := io.ReadAll(c)
	fmt.Println(string(all), err)

	_, err = a.Dial(context.Background(), "tcp", netip.AddrPort{}, netip.AddrPortFrom(bob, 5061))
	fmt.Println(err)
	// Output:
	// hello <nil>
	// dial tcp 10.0.0.2:5061: connect: connection refused
}

func ExampleNetwork_NAT() {
	n := siptest.NewNetwork(1, siptest.Conditions{})
	defer n.Close()
	inside := netip.MustParseAddr("192.168.0.2")
	a, _ := n.NAT(netip.MustParseAddr("192.0.2.1"), 0).Host(inside).ListenPacket(netip.AddrPortFrom(inside, 5060))
	b, _ := n.Host(bob).ListenPacket(netip.AddrPortFrom(bob, 5060))

	a.WriteTo([]byte("hello"), b.LocalAddr())
	buf := make([]byte, 100)
	k, from, _ := b.ReadFrom(buf)
	fmt.Println(string(buf[:k]), from)
	// Output: hello 192.0.2.1:32769
}

func ExampleAnswer() {
	answer, err := siptest.Answer(siptest.SDP(alice), bob)
	fmt.Println(len(answer) > 0, err)
	// Output: true <nil>
}

// A test plays the script with [Script.Play] and compares the text that comes out with the file.
func ExampleScript() {
	s, err := siptest.ParseScript([]byte(`
# A call that nobody takes.
agent alice 10.0.0.1
peer bob 10.0.0.2
  on INVITE reply 180, 486 after 2s

steps
0s alice calls bob

ladder

outcome
alice: failed 486
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	os.Stdout.Write(s.Text([]string{"  0.000 alice -> bob INVITE sdp", "  0.010 bob -> alice 180 INVITE"}, nil))
	// Output:
	// # A call that nobody takes.
	// agent alice 10.0.0.1
	// peer bob 10.0.0.2
	//   on INVITE reply 180, 486 after 2s
	//
	// steps
	// 0s alice calls bob
	//
	// ladder
	//   0.000 alice -> bob INVITE sdp
	//   0.010 bob -> alice 180 INVITE
	//
	// outcome
	// alice: failed 486
}
