package fuzz

import (
	"bytes"

	"github.com/ringback-sip/ringback/parser"
)

// Clone clones what data parses to and overwrites the octets and the message that it was cloned from: the clone still says
// what the message said. A message that is used again says the same as a new one.
func Clone(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	lent := bytes.Clone(data)
	var m parser.Message
	m.Parse(lent)
	m.Check()
	m.SetReceived([]byte("192.0.2.77"), 5099)
	want := everything(&m)
	c := m.Clone()
	if err := differ("clone", everything(c), "message", want); err != nil {
		return true, err
	}
	for i := range lent {
		lent[i] = 'x'
	}
	m.SetReceived([]byte("::1"), 1)
	m.Parse([]byte("OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP other\r\n\r\n"))
	if err := differ("clone", everything(c), "message", want); err != nil {
		return true, err
	}
	m.Parse(data)
	m.Check()
	m.SetReceived([]byte("192.0.2.77"), 5099)
	return m.Fault() == parser.Fault{}, differ("message used again", everything(&m), "message", want)
}

// everything describes a message, its fault and octets.
func everything(m *parser.Message) string {
	var t text
	t.line("fault", m.Fault().String(), string(m.StartLine()), string(m.Bytes()))
	return t.String() + describe(m)
}
