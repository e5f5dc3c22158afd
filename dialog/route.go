package dialog

import (
	"bytes"
	"slices"

	"github.com/ringback-sip/ringback/parser"
)

// routeSet is the list of servers that requests of a dialog pass, as it stands in Route. It is frozen once
// the dialog is confirmed: later Record-Routes change nothing (RFC 3261, Section 12.2).
type routeSet struct {
	values []byte     // "<sip:a;lr>, <sip:b;lr>"
	rest   int        // where in values the second begins
	first  parser.URI // of the first, within values; absent when the set is empty
	strict bool       // the first has no lr parameter and would replace the Request-URI (RFC 3261, Section 12.2.1.1)
}

// newRouteSet returns the route set that the Record-Routes of m make: in order at the callee, reversed at the caller
// (RFC 3261, Sections 12.1.1 and 12.1.2). A preloaded Route plays no part in it.
func newRouteSet(m *parser.Message, role Role) (routeSet, error) {
	var few [8]parser.URI
	uris := few[:0]
	size := 0
	for rr, err := range m.RecordRoutes() {
		if err != nil {
			return routeSet{}, err
		}
		uris = append(uris, rr.URI())
		size += len("<>, ") + len(rr.URI().Raw())
	}
	if len(uris) == 0 {
		return routeSet{}, nil
	}
	if role == Caller {
		slices.Reverse(uris)
	}
	return routesTo(uris, size)
}

// readRouteSet reads what stands in values of another route set.
func readRouteSet(values []byte) (routeSet, error) {
	var few [8]parser.URI
	uris := few[:0]
	for rest := values; len(rest) > 0; {
		inner, open := bytes.CutPrefix(rest, []byte("<"))
		raw, tail, closed := bytes.Cut(inner, []byte(">"))
		uri, err := parser.ParseURI(raw)
		if !open || !closed || err != nil {
			return routeSet{}, snapshotFault("route set")
		}
		uris = append(uris, uri)
		if rest, open = bytes.CutPrefix(tail, []byte(", ")); len(tail) > 0 && (!open || len(rest) == 0) {
			return routeSet{}, snapshotFault("route set")
		}
	}
	if len(uris) == 0 {
		return routeSet{}, nil
	}
	return routesTo(uris, len(values)+len(", "))
}

// routesTo returns the route set of uris, of which there is one at least; size is what they take with all that stands between.
func routesTo(uris []parser.URI, size int) (routeSet, error) {
	r := routeSet{values: make([]byte, 0, size-len(", "))}
	for i, uri := range uris {
		if i > 0 {
			r.values = append(r.values, ", "...)
		}
		if i == 1 {
			r.rest = len(r.values)
		}
		r.values = append(r.values, '<')
		r.values = append(r.values, uri.Raw()...)
		r.values = append(r.values, '>')
	}
	if len(uris) == 1 {
		r.rest = len(r.values)
	}
	_, lr := uris[0].Param("lr")
	r.strict = !lr
	var err error
	r.first, err = parser.ParseURI(r.values[1 : 1+len(uris[0].Raw())])
	return r, err
}
