package transaction_test

import (
	"fmt"
	"log"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// pipe is a Conn that hands what is sent to another layer. A real one is a way over a socket.
type pipe struct {
	to   **transaction.Layer
	back *pipe
}

func (p *pipe) Reliable() bool { return true }

func (p *pipe) Send(w parser.Wire) error {
	var m parser.Message
	if err := m.Parse(w.AppendTo(nil)); err != nil {
		return err
	}
	(*p.to).Receive(p.back, &m)
	return nil
}

// callee is a Core that accepts what it is asked.
type callee struct{}

func (callee) Request(t *transaction.Server, m *parser.Message) {
	var b parser.Builder
	b.Reset(nil)
	b.Response(m, parser.StatusOK, "", "b")
	w, err := b.Wire()
	if err != nil {
		log.Fatal(err)
	}
	if err := t.Respond(w); err != nil {
		log.Fatal(err)
	}
}

func (callee) Cancel(t, target *transaction.Server, m *parser.Message) {}
func (callee) Ack(c transaction.Conn, m *parser.Message)               {}

// caller is a ClientUser that prints what it hears.
type caller struct{}

func (caller) Response(t *transaction.Client, m *parser.Message) {
	fmt.Println(t.Method(), "answered:", m.Status(), m.Status().Reason())
}

func (caller) Failed(t *transaction.Client, err error) {
	fmt.Println(t.Method(), "failed:", transaction.Status(err))
}

// Two elements that are joined by a pipe: one asks, the other answers.
func Example() {
	var client, server *transaction.Layer
	client = transaction.New(nil, nil)
	server = transaction.New(callee{}, nil)
	defer client.Shutdown()
	defer server.Shutdown()
	there, back := &pipe{to: &server}, &pipe{to: &client}
	there.back, back.back = back, there

	uri, err := parser.ParseURI([]byte("sip:bob@biloxi.example"))
	if err != nil {
		log.Fatal(err)
	}
	var b parser.Builder
	b.Reset(nil)
	b.Request(parser.MethodOptions, uri)
	b.Via("TCP", "pc33.atlanta.example", transaction.NewBranch())
	b.Int(parser.HeaderMaxForwards, 70)
	b.Address(parser.HeaderFrom, "", uri, "a")
	b.Address(parser.HeaderTo, "", uri, "")
	b.Header(parser.HeaderCallID, "1@pc33.atlanta.example")
	b.CSeq(1, parser.MethodOptions)
	w, err := b.Wire()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Request(there, w, caller{}); err != nil {
		log.Fatal(err)
	}
	clients, _ := client.Counts()
	_, servers := server.Counts()
	fmt.Println("left:", clients, servers)
	// Output:
	// OPTIONS answered: 200 OK
	// left: 0 0
}

// Every state of every machine has an end.
func ExampleDeadlines() {
	for _, d := range transaction.Deadlines()[:4] {
		fmt.Printf("%s %s: %v, %s\n", d.Machine, d.State, d.Bound, d.End)
	}
	// Output:
	// invite-client Calling: 32s, timer B: tu timeout -> Terminated
	// invite-client Proceeding: 15m0s, timer safety: tu timeout -> Terminated
	// invite-client Completed: 32s, timer D: -> Terminated
	// invite-client Accepted: 32s, timer M: -> Terminated
}
