package main

import "fmt"

// values is what is read of a message in full. T is what a side's accessors return: bytes that belong to the message, or
// strings. Its slices are reused from message to message.
type values[T []byte | string] struct {
	method        T
	status        int
	uri           uri[T]
	vias          []via[T]
	from, to      address[T]
	callID        T
	seq           uint32
	seqMethod     T
	contact       uri[T]
	maxForwards   int
	routes        []uri[T]
	recordRoutes  []uri[T]
	contentLength int
}

type uri[T []byte | string] struct {
	scheme, user, host T
	port               int
}

type address[T []byte | string] struct {
	uri uri[T]
	tag T
}

type via[T []byte | string] struct {
	host, branch T
	port, rport  int
	hasRPort     bool
}

// reset empties v but for the room in its slices.
func (v *values[T]) reset() {
	*v = values[T]{vias: v.vias[:0], routes: v.routes[:0], recordRoutes: v.recordRoutes[:0], maxForwards: -1, contentLength: -1}
}

// lines prints v, one value on a line: what the expected table holds.
func (v *values[T]) lines() []string {
	var out []string
	add := func(name, format string, args ...any) {
		out = append(out, name+": "+fmt.Sprintf(format, args...))
	}
	add("method", "%s", v.method)
	add("status", "%d", v.status)
	v.uri.lines("uri", add)
	for i, h := range v.vias {
		name := fmt.Sprintf("via %d ", i+1)
		add(name+"host", "%s", h.host)
		add(name+"port", "%d", h.port)
		add(name+"branch", "%s", h.branch)
		add(name+"rport", "%t %d", h.hasRPort, h.rport)
	}
	v.from.uri.lines("from", add)
	add("from tag", "%s", v.from.tag)
	v.to.uri.lines("to", add)
	add("to tag", "%s", v.to.tag)
	add("call-id", "%s", v.callID)
	add("cseq number", "%d", v.seq)
	add("cseq method", "%s", v.seqMethod)
	v.contact.lines("contact", add)
	add("max-forwards", "%d", v.maxForwards)
	for i := range v.routes {
		v.routes[i].lines(fmt.Sprintf("route %d", i+1), add)
	}
	for i := range v.recordRoutes {
		v.recordRoutes[i].lines(fmt.Sprintf("record-route %d", i+1), add)
	}
	add("content-length", "%d", v.contentLength)
	return out
}

// lines prints the parts of u on one line.
func (u *uri[T]) lines(name string, add func(name, format string, args ...any)) {
	add(name+" uri", "%s %s %s %d", u.scheme, u.user, u.host, u.port)
}
