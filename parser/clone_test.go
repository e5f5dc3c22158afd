package parser

import (
	"bytes"
	"fmt"
	"testing"
)

// A clone says the same as the message, and goes on saying it when the message's bytes change.
func TestClone(t *testing.T) {
	for _, fields := range []int{0, inlineFields - 5, inlineFields - 4, 40, 60, MaxFields - 5} {
		t.Run(fmt.Sprint(fields), func(t *testing.T) {
			var more []string
			for i := range fields {
				more = append(more, fmt.Sprintf("X-%d: %d", i, i))
			}
			b := append(request(more...), "body"...)
			b = append(b[:len(b):len(b)], "\x00"...)
			m := mustParse(t, b[:len(b)-1])
			m.SetReceived([]byte("192.0.2.7"), 4000)
			if err := m.Check(); err != nil {
				t.Fatal(m.Fault())
			}
			want := describe(m)
			c := m.Clone()
			for i := range b {
				b[i] = '!'
			}
			if got := describe(c); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if err := m.Parse(request()); err != nil {
				t.Fatal(err)
			}
			if got := describe(c); got != want {
				t.Errorf("after another Parse of the message: got\n%s\nwant\n%s", got, want)
			}
			// A clone can parse, too, and its own clone is as good.
			d := c.Clone()
			if err := c.Parse(request("Y: 1")); err != nil {
				t.Fatal(err)
			}
			if got := describe(d); got != want {
				t.Errorf("the clone's clone: got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A clone of a refused message keeps the fault.
func TestCloneFault(t *testing.T) {
	var m Message
	if m.Parse(request("Subject: a", "Subject: b")) == nil {
		t.Fatal("accepted")
	}
	if c := m.Clone(); c.Fault() != m.Fault() || c.Check() != errTwice || c.FaultStatus() != 400 {
		t.Errorf("got %v, status %d", c.Fault(), c.FaultStatus())
	}
}

// describe prints everything that m says.
func describe(m *Message) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v %q %d %q %q %q %q %v\n", m.IsRequest(), m.MethodName(), m.Status(), m.Reason(), m.StartLine(), m.Bytes(), m.Body(), m.Fault())
	for f := range m.Fields() {
		fmt.Fprintf(&b, "%v %q %q\n", f.Header, f.Name, f.Value)
	}
	for v, err := range m.Vias() {
		port, ok := v.RPort()
		fmt.Fprintf(&b, "%q %q %d %v %v\n", v.Raw(), v.Received(), port, ok, err)
	}
	for h := HeaderUnknown; h < headerCount; h++ {
		for v := range m.Values(h) {
			fmt.Fprintf(&b, "%v %q\n", h, v)
		}
	}
	return b.String()
}
