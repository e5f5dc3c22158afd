package fuzz

import (
	"fmt"

	"github.com/ringback-sip/ringback/parser"
)

// Message holds what Parse, Check and the accessors make of data against the naive parser: the same messages are accepted,
// and all that is read from them is the same.
func Message(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	var m parser.Message
	verdict := m.Parse(data)
	if verdict == nil {
		verdict = m.Check()
	}
	if err := checkFault(&m, verdict, len(data)); err != nil {
		return true, err
	}
	want := read(string(data))
	switch {
	case verdict == nil && want.refused != "":
		return true, fmt.Errorf("accepted, but: %s", want.refused)
	case verdict != nil && want.refused == "" && !want.open:
		return true, fmt.Errorf("refused: %v at %d; nothing is wrong with it", m.Fault(), m.Fault().Offset)
	case verdict != nil:
		return false, nil
	}
	got := describe(&m)
	if err := differ("parser", got, "naive", want.describe()); err != nil {
		return true, err
	}
	// What Check remembers is what reading says.
	var unchecked parser.Message
	if err := unchecked.Parse(data); err != nil {
		return true, err
	}
	return true, differ("without Check", describe(&unchecked), "with it", got)
}

// checkFault holds the fault that a message keeps against the verdict.
func checkFault(m *parser.Message, verdict error, length int) error {
	f := m.Fault()
	switch {
	case verdict == nil && f != parser.Fault{}:
		return fmt.Errorf("accepted with the fault %v", f)
	case verdict != nil && f.Err != verdict:
		return fmt.Errorf("refused with %v and the fault %v", verdict, f)
	case f.Offset < 0 || f.Offset > length:
		return fmt.Errorf("a fault at %d of %d octets", f.Offset, length)
	case m.FaultStatus() != 0 && (m.FaultStatus() < 400 || m.FaultStatus() > 599):
		return fmt.Errorf("the answer %d to a request", m.FaultStatus())
	case verdict == nil && m.FaultStatus() != 0:
		return fmt.Errorf("the answer %d to a good message", m.FaultStatus())
	}
	return nil
}
