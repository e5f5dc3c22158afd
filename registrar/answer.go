package registrar

import (
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// answer returns what stands in the 200: every binding that can be used, with the time that is left of it, and the time of day (RFC 3261, Section
// 10.3, Step 8).
func (g *Registrar) answer(q *request, all []Binding, now time.Time) []ua.Field {
	fields := make([]ua.Field, 0, len(all)+2)
	buf := make([]byte, 0, 256)
	for i := range all {
		b := &all[i]
		if _, ok := g.target(b); !ok {
			continue
		}
		buf = b.appendContact(buf[:0], now)
		if q.gruu && b.Instance != "" {
			buf = g.appendGRUUs(buf, q, b)
		}
		fields = append(fields, ua.Field{Name: "Contact", Value: string(buf)})
	}
	fields = append(fields, ua.Field{Name: "Date", Value: string(parser.AppendDate(buf[:0], now))})
	for _, p := range q.path {
		fields = append(fields, ua.Field{Name: "Path", Value: "<" + p + ">"}) // RFC 3327, Section 5.3
	}
	for _, s := range g.cfg.ServiceRoute {
		fields = append(fields, ua.Field{Name: "Service-Route", Value: "<" + s + ">"}) // RFC 3608, Section 6.3
	}
	if q.applied && q.outbound {
		fields = append(fields, ua.Field{Name: "Require", Value: "outbound"}) // RFC 5626, Section 6
	}
	return fields
}
