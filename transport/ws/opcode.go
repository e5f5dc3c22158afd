package ws

import "strconv"

// Role is the end of a connection that we are. A client masks what it sends and a server does not; each refuses what its own
// kind would send (RFC 6455, Section 5.1).
type Role uint8

// The two ends. A zero Role is a server.
const (
	Server Role = iota
	Client
)

// Opcode says what a frame or a message is (RFC 6455, Section 11.8). Zero, on the wire a continuation, is none.
type Opcode uint8

// All opcodes that are defined, the continuation excepted: Reader puts those together.
const (
	Text   Opcode = 0x1
	Binary Opcode = 0x2
	Close  Opcode = 0x8
	Ping   Opcode = 0x9
	Pong   Opcode = 0xA
)

// continuation is the opcode of every fragment of a message but the first.
const continuation Opcode = 0x0

func (o Opcode) String() string {
	switch o {
	case continuation:
		return "continuation"
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return "opcode " + strconv.Itoa(int(o))
}

// control reports whether frames of o are control frames (RFC 6455, Section 5.5).
func (o Opcode) control() bool { return o&0x8 != 0 }

// known reports whether o is defined.
func (o Opcode) known() bool { return o <= Binary || Close <= o && o <= Pong }
