// Bench measures this module's parser beside another one, github.com/emiago/sipgo, in one run:
//
//	cd bench && go run .       # a table for the terminal
//	cd bench && go run . -md   # the same as Markdown
//
// It is a module of its own, so that what it compares with reaches no user of the stack.
//
// # What is measured
//
//   - natural: the parser's own parse call. Ringback indexes and frames the message and reads values when they are asked
//     for; sipgo reads the values of the headers that it has a type for.
//   - checked: Ringback's Parse and Check, after which every mandatory value is known to be well formed. sipgo has no
//     such step: its parse call stands beside it.
//   - full: parse, then read the method or status, the parts of the Request-URI, every Via, URIs and tags of From and To,
//     Call-ID, CSeq, Contact, Max-Forwards, every Route and Record-Route and Content-Length.
//   - write: the same message written into a buffer that is reused. Ringback writes it field by field through a Builder, as
//     the code of a service does that has the values at hand (the long message and the odd one from a list of their fields),
//     sipgo from the message that it parsed.
//   - malformed: messages that must be refused, parsed and, in Ringback's case, checked.
//
// Each side reuses what its API lets it reuse: Ringback a Message, a Builder and a buffer; sipgo a Parser and a buffer.
//
// # How
//
// On one processor (GOMAXPROCS=1), in rounds: in each, every candidate runs once, for as many times as fill a few
// milliseconds, after a garbage collection of its own. The figure is processor time of the process where the system
// tells it, so that neighbours on the machine disturb little and the garbage that a candidate makes is paid by it.
// Of all rounds the table shows the median and, in brackets, the minimum; a ratio is that of the two medians and, in
// brackets, that of the two minima. Single figures of a shared machine move by half; ratios within one run do not.
//
// What both sides read is compared, value by value, with a table that our own reader wrote and a person checked against the messages, and misses are
// printed: speed at reading something else is none.
package main
