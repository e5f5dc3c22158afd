package parser

import (
	"strings"
	"testing"
)

func TestCSeq(t *testing.T) {
	for _, row := range []struct {
		in     string
		number uint32
		method Method
		name   string
		err    Error
	}{
		{"1 INVITE", 1, MethodInvite, "INVITE", 0},
		{"0009\r\n  INVITE", 9, MethodInvite, "INVITE", 0},
		{"0 ACK", 0, MethodAck, "ACK", 0},
		{"2147483648 BYE", 1 << 31, MethodBye, "BYE", 0},
		{"4294967295 \t BYE", 1<<32 - 1, MethodBye, "BYE", 0},
		{strings.Repeat("0", 300) + "7 BYE", 7, MethodBye, "BYE", 0},
		{"1 invite", 1, MethodUnknown, "invite", 0},
		{"1 RE%47IST%45R", 1, MethodUnknown, "RE%47IST%45R", 0},
		{"4294967296 BYE", 0, 0, "", errNumberLarge},
		{"36893488147419103232 REGISTER", 0, 0, "", errNumberLarge},
		{"", 0, 0, "", errEmpty},
		{"abc", 0, 0, "", errNumber},
		{"-1 BYE", 0, 0, "", errNumber},
		{"+1 BYE", 0, 0, "", errNumber},
		{"INVITE 1", 0, 0, "", errNumber},
		{"1", 0, 0, "", errCSeqMethod},
		{"1INVITE", 0, 0, "", errCSeqMethod},
		{"1 INV[TE", 0, 0, "", errCSeqMethod},
		{"1 INVITE x", 0, 0, "", errCSeqMethod},
		{"1 INVITE, 2 INVITE", 0, 0, "", errCSeqMethod},
	} {
		m := mustParse(t, replaced(request(), "CSeq", "CSeq: "+row.in))
		c, err := m.CSeq()
		if err != row.err.orNil() || c.Number != row.number || c.Method != row.method || string(c.Name) != row.name {
			t.Errorf("%.30q: got %d %v %q %v, want %d %v %q %v", row.in, c.Number, c.Method, c.Name, err, row.number, row.method, row.name, row.err)
		}
		m = mustParse(t, replaced(start("SIP/2.0 200 OK"), "CSeq", "CSeq: "+row.in))
		if m.Method() != row.method || string(m.MethodName()) != row.name {
			t.Errorf("%.30q: a response's method: got %v %q", row.in, m.Method(), m.MethodName())
		}
	}
	m := mustParse(t, replaced(request(), "CSeq"))
	if _, err := m.CSeq(); err != ErrAbsent {
		t.Errorf("absent: got %v", err)
	}
}
