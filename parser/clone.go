package parser

// Clone returns a Message that owns its bytes and shares no state with m, the fault and what SetReceived recorded
// included. It allocates twice.
func (m *Message) Clone() *Message {
	c := m.copySpill()
	c.b = make([]byte, len(m.b))
	copy(c.b, m.b)
	return c
}

// copySpill returns a copy of m with fields of its own. The few messages with more fields than the inline ones get
// room for them in the same allocation.
func (m *Message) copySpill() *Message {
	switch n := len(m.spill); {
	case n == 0:
		c := new(Message)
		*c = *m
		c.spill = nil
		return c
	case n <= 40:
		c := new(struct {
			Message
			room [40]field
		})
		c.Message = *m
		c.spill = append(c.room[:0], m.spill...)
		return &c.Message
	default:
		c := new(struct {
			Message
			room [MaxFields - inlineFields]field
		})
		c.Message = *m
		c.spill = append(c.room[:0], m.spill...)
		return &c.Message
	}
}
