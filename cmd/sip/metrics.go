package main

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/ringback-sip/ringback/ua"
)

// metric is one figure of /metrics. The promised ones stand in /debug/vars too.
type metric struct {
	kind  metricKind
	name  string // without the sip_ in front, and of a counter without the _total behind
	label string // `by="transport"`; those of one name stand together
	help  string
	value uint64
}

// metricKind is what may happen to a figure.
type metricKind string

const (
	gauge   metricKind = "gauge"   // goes up and down
	counter metricKind = "counter" // goes up
)

// figures is what the server holds.
type figures struct {
	ua.Stats
	registrations int
}

// promised returns the figures that /debug/vars promises, in the order in which they are printed.
func promised(st figures) []metric {
	return []metric{
		{gauge, "transactions", "", "Client and server transactions.", count(st.Transactions)},
		{gauge, "dialogs", "", "Dialogs, early and confirmed.", count(st.Dialogs)},
		{gauge, "subscriptions", "", "Subscriptions, both sides.", 0},
		{gauge, "registrations", "", "Bindings of addresses of record.", count(st.registrations)},
		{gauge, "conferences", "", "Conferences.", 0},
		{gauge, "legs", "", "Participants' legs of all conferences.", 0},
		{gauge, "connections", "", "Accepted stream connections.", count(st.Connections)},
	}
}

// more returns the figures that only /metrics has: one line for each field of ua.Stats.
func more(st ua.Stats) []metric {
	x, t := &st.Transaction, &st.Transport
	return []metric{
		{gauge, "client_transactions", "", "Client transactions.", count(st.ClientTransactions)},
		{gauge, "server_transactions", "", "Server transactions.", count(st.ServerTransactions)},
		{gauge, "server_transactions_unanswered", "", "Server transactions without a final response.", count(x.Unanswered)},
		{gauge, "server_transaction_sources", "", "Sources of unanswered server transactions.", count(x.Sources)},
		{gauge, "server_transaction_bytes", "", "Octets that server transactions hold.", count(x.Held)},
		{gauge, "client_registrations", "", "Registrations of ours with registrars.", count(st.Registrations)},
		{gauge, "calls", "", "Calls, ringing and established.", count(st.Calls)},
		{gauge, "handlers", "", "Goroutines that run handlers or wait for the next one.", count(st.Handlers)},
		{gauge, "sockets", "", "UDP sockets.", count(t.Sockets)},
		{gauge, "listeners", "", "Sockets that accept connections.", count(t.Listeners)},
		{gauge, "connections_dialled", "", "Stream connections that were opened from here.", count(t.Dialled)},
		{gauge, "connections_dialling", "", "Stream connections that are being opened.", count(t.Dialing)},
		{gauge, "connection_sources", "", "Sources of the accepted connections.", count(t.Sources)},
		{gauge, "refused_sources", "", "Sources that lately had a stateless error answer.", count(t.Limited)},
		{gauge, "datagram_sources", "", "Sources that lately sent datagrams.", count(t.Accounts)},
		{gauge, "flows_kept_alive", "", "UDP flows that are kept alive.", count(t.KeptAlive)},
		{gauge, "half_read_bytes", "", "Octets of read buffers beyond the small ones.", count(t.HalfRead)},

		{counter, "messages_received", "", "Messages that arrived.", t.Received},
		{counter, "messages_sent", "", "Messages handed to the system.", t.Sent},
		{counter, "datagrams_overrun", "", "Datagrams that the kernel dropped because the receive buffer was full.", t.Overrun},
		{counter, "messages_dropped", `reason="malformed"`, "Messages that arrived and went no further.", t.Malformed},
		{counter, "messages_dropped", `reason="astray"`, "", t.Astray},
		{counter, "messages_dropped", `reason="other"`, "", count(int64(t.Dropped - t.Malformed - t.Astray))},
		{counter, "messages_unsent", "", "Messages that were to be sent and were not.", t.Unsent},
		{counter, "responses_stray", "", "Responses that belong to no transaction.", x.Strays},
		{counter, "requests_repeated", "", "Requests that came again.", x.Repeated},
		{counter, "messages_resent", "", "Messages that transactions sent again.", x.Resent},
		{counter, "transactions_timed_out", "", "Transactions whose peer was silent to the end.", x.Timeouts},
		{counter, "transactions_freed", "", "Finished transactions that made room before their time.", x.Freed},
		{counter, "requests_refused", `by="transport"`, "Requests answered with an error before anything was held for them.", t.Refused},
		{counter, "requests_refused", `by="transaction"`, "", x.Refused},
		{counter, "answers_withheld", `by="transport"`, "Messages over UDP not sent because too much went to that address already.", t.Withheld},
		{counter, "answers_withheld", `by="transaction"`, "", x.Withheld},
		{counter, "connections_rejected", "", "Connections turned away, or that made room, because of a limit.", t.Rejected},
		{counter, "handler_panics", "", "Panics of handlers.", count(st.Panics)},
	}
}

// system returns figures of the process, under the names that every Go program has them.
func system() []metric {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return []metric{
		{gauge, "go_goroutines", "", "Goroutines.", count(runtime.NumGoroutine())},
		{gauge, "go_memstats_alloc_bytes", "", "Octets of live and unswept heap objects.", mem.Alloc},
		{gauge, "go_memstats_sys_bytes", "", "Octets obtained from the system.", mem.Sys},
	}
}

// count returns n, which is the length of something.
func count[N int | int64](n N) uint64 { return uint64(max(n, 0)) }

// appendMetrics appends the text that Prometheus reads (text exposition format 0.0.4).
func appendMetrics(dst []byte, st figures) []byte {
	dst = appendFamily(dst, "sip_", promised(st))
	dst = appendFamily(dst, "sip_", more(st.Stats))
	return appendFamily(dst, "", system())
}

// appendFamily appends metrics whose names get a prefix.
func appendFamily(dst []byte, prefix string, all []metric) []byte {
	last := ""
	for _, m := range all {
		name := prefix + m.name
		if m.kind == counter {
			name += "_total"
		}
		if name != last {
			dst = append(dst, "# HELP "+name+" "+helpText.Replace(m.help)+"\n# TYPE "+name+" "+string(m.kind)+"\n"...)
			last = name
		}
		dst = append(dst, name...)
		if m.label != "" {
			dst = append(append(append(dst, '{'), m.label...), '}')
		}
		dst = append(strconv.AppendUint(append(dst, ' '), m.value, 10), '\n')
	}
	return dst
}

// helpText escapes what would end a line of help.
var helpText = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
