package fuzz

import (
	"fmt"
	"runtime"

	"github.com/ringback-sip/ringback/parser"
)

// Values asks for every value that package parser can read from a message, good or bad: nothing panics, nothing is
// larger than its bound, and nothing allocates.
func Values(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	m := new(parser.Message)
	m.Parse(data) // the first time, fields in large numbers take memory
	sum := 0
	n := allocations(func() {
		m.Parse(data)
		m.Check()
		sum += readEverything(m)
	})
	if n > 0 {
		return true, fmt.Errorf("reading all values allocates %d times", n)
	}
	return m.Fault() == parser.Fault{} && sum > 0, checkBounds(m)
}

// allocations returns how often f allocates. Other goroutines of the program may allocate meanwhile, so that only what
// happens each time counts.
func allocations(f func()) uint64 {
	least := ^uint64(0)
	var before, after runtime.MemStats
	for range 10 {
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if least = min(least, after.Mallocs-before.Mallocs); least == 0 {
			break
		}
	}
	return least
}

// readEverything calls every accessor and returns how many octets it got.
func readEverything(m *parser.Message) int {
	n := len(m.StartLine()) + len(m.MethodName()) + len(m.Reason()) + len(m.CallID()) + len(m.Body()) + len(m.Bytes())
	if u, err := m.RequestURI(); err == nil {
		n += readURIValues(u)
	}
	if v, err := m.Via(); err == nil {
		n += len(v.Host())
	}
	for v, err := range m.Vias() {
		if err != nil {
			continue
		}
		port, _ := v.RPort()
		ttl, _ := v.TTL()
		n += len(v.Transport()) + len(v.Host()) + v.Port() + len(v.Branch()) + len(v.Received()) + len(v.MAddr()) + port + ttl
		for name, value := range v.Params() {
			n += len(name) + len(value)
		}
		branch, _ := v.Param("branch")
		n += len(branch)
	}
	for h := parser.Header(0); h < 255; h++ {
		for v := range m.Values(h) {
			n += len(v)
		}
		for a, err := range m.Addresses(h) {
			if err == nil {
				n += readAddressValues(a)
			}
		}
		number, _ := m.Number(h)
		n += number&1 + len(m.Raw(h))
		if m.Has(h) && m.HasTag(h, "timer") {
			n++
		}
	}
	for v := range m.Lookup("X-Unknown") {
		n += len(v)
	}
	for f := range m.Fields() {
		n += len(f.Name) + len(f.Value)
	}
	return n + readTyped(m)
}

func readURIValues(u parser.URI) int {
	n := len(u.Raw()) + len(u.Scheme()) + len(u.User()) + len(u.Password()) + len(u.Host()) + u.Port() + len(u.Headers())
	for name, value := range u.Params() {
		n += len(name) + len(value)
	}
	transport, _ := u.Param("transport")
	if u.Equal(u) {
		n++
	}
	return n + len(transport)
}

func readAddressValues(a parser.NameAddr) int {
	n := len(a.Raw()) + len(a.Display()) + len(a.Tag()) + readURIValues(a.URI())
	for name, value := range a.Params() {
		n += len(name) + len(value)
	}
	expires, _ := a.Param("expires")
	return n + len(expires)
}

// readTyped reads the headers that have a type of their own.
func readTyped(m *parser.Message) int {
	n := 0
	for _, read := range [...]func() (parser.NameAddr, error){m.From, m.To, m.Contact} {
		if a, err := read(); err == nil {
			n += readAddressValues(a)
		}
	}
	if c, err := m.CSeq(); err == nil {
		n += len(c.Name)
	}
	if f, err := m.MaxForwards(); err == nil {
		n += f
	}
	if t, err := m.ContentType(); err == nil {
		n += len(t.Type()) + len(t.Subtype())
		for name, value := range t.Params() {
			n += len(name) + len(value)
		}
		boundary, _ := t.Param("boundary")
		n += len(boundary)
		if t.Is("application/sdp") {
			n++
		}
	}
	if r, err := m.RetryAfter(); err == nil {
		n += r.Seconds&1 + r.Duration&1
	}
	return n
}

// checkBounds holds numbers against what their accessors promise.
func checkBounds(m *parser.Message) error {
	forwards, _ := m.MaxForwards()
	expires, _ := m.Expires()
	length, err := m.ContentLength()
	r, _ := m.RetryAfter()
	switch {
	case forwards < 0 || forwards > 255:
		return fmt.Errorf("bounds: Max-Forwards %d", forwards)
	case expires < 0 || int64(expires) > 1<<32-1:
		return fmt.Errorf("bounds: Expires %d", expires)
	case r.Seconds < 0 || r.Duration < 0:
		return fmt.Errorf("bounds: Retry-After %d %d", r.Seconds, r.Duration)
	case err == nil && m.Fault() == parser.Fault{} && length != len(m.Body()):
		return fmt.Errorf("bounds: Content-Length %d and a body of %d", length, len(m.Body()))
	}
	return nil
}
