//go:build gofuzz

package fuzz

// Fuzz runs every oracle.
func Fuzz(data []byte) int {
	worth := 0
	for _, t := range Targets() {
		worth = max(worth, run(t.Oracle, data))
	}
	return worth
}

func FuzzMessage(data []byte) int   { return run(Message, data) }
func FuzzIdentity(data []byte) int  { return run(Identity, data) }
func FuzzFramer(data []byte) int    { return run(Framer, data) }
func FuzzURI(data []byte) int       { return run(URI, data) }
func FuzzAddress(data []byte) int   { return run(Address, data) }
func FuzzVia(data []byte) int       { return run(Via, data) }
func FuzzList(data []byte) int      { return run(List, data) }
func FuzzText(data []byte) int      { return run(Text, data) }
func FuzzValues(data []byte) int    { return run(Values, data) }
func FuzzTyped(data []byte) int     { return run(Typed, data) }
func FuzzAuth(data []byte) int      { return run(Auth, data) }
func FuzzParts(data []byte) int     { return run(Parts, data) }
func FuzzClone(data []byte) int     { return run(Clone, data) }
func FuzzBuilder(data []byte) int   { return run(Builder, data) }
func FuzzResponse(data []byte) int  { return run(Response, data) }
func FuzzWebSocket(data []byte) int { return run(WebSocket, data) }

func FuzzDNS(data []byte) int { return run(DNS, data) }

func FuzzSnapshot(data []byte) int { return run(Snapshot, data) }

func FuzzVerify(data []byte) int { return run(Verify, data) }

// run tells a fuzzer what data is worth: 1 to keep it, 0 to forget it. A fault is a panic.
func run(oracle Oracle, data []byte) int {
	used, err := oracle(data)
	switch {
	case err != nil:
		panic(err)
	case used:
		return 1
	}
	return 0
}
