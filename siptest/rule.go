package siptest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// rule is what a peer does about something that reaches it: `on INVITE reply 180, 200 after 2s`.
type rule struct {
	on      string // a method, or a status with its method: "INVITE", "180 INVITE"
	nth     int    // of those, 0 for each
	actions []action
}

// action is one message that a peer sends.
type action struct {
	status  parser.Status // of a response; 0: a request
	method  parser.Method // of the request, or of the request that the response is for; unknown: the one at hand
	tag     string        // the peer's own tag
	after   time.Duration
	contact string
	header  []string // "Name:value"
	noBody  bool
	body    bool   // also of a provisional response
	to, via string // of a request that makes a dialog: URIs, "" for none
}

// parseRule reads what follows `on`.
func parseRule(words []string) (rule, error) {
	var r rule
	i := 0
	for i < len(words) && words[i] != "reply" && words[i] != "send" {
		i++
	}
	if i == 0 || i == len(words) {
		return r, fmt.Errorf("a rule is on METHOD or on STATUS METHOD, perhaps #N, then reply or send and what")
	}
	on := words[:i]
	if n, ok := strings.CutPrefix(on[len(on)-1], "#"); ok {
		nth, err := strconv.Atoi(n)
		if err != nil || nth < 1 {
			return r, fmt.Errorf("%q is no ordinal", n)
		}
		r.nth, on = nth, on[:len(on)-1]
	}
	r.on = strings.Join(on, " ")
	reply := words[i] == "reply"
	for _, part := range split(words[i+1:]) {
		a, err := parseAction(part, reply)
		if err != nil {
			return r, err
		}
		r.actions = append(r.actions, a)
	}
	if len(r.actions) == 0 {
		return r, fmt.Errorf("nothing to %s", words[i])
	}
	return r, nil
}

// split splits words at commas that end a word.
func split(words []string) [][]string {
	var parts [][]string
	var part []string
	for _, w := range words {
		word, comma := strings.CutSuffix(w, ",")
		part = append(part, word)
		if comma {
			parts = append(parts, part)
			part = nil
		}
	}
	if part != nil {
		parts = append(parts, part)
	}
	return parts
}

// parseAction reads one thing to reply or to send.
func parseAction(words []string, reply bool) (action, error) {
	var a action
	if reply {
		status, err := parseStatus(words[0])
		if err != nil {
			return a, err
		}
		a.status = status
	} else if err := a.setMethod(words[0]); err != nil {
		return a, err
	}
	for rest := words[1:]; len(rest) > 0; {
		n, err := a.option(rest)
		if err != nil {
			return a, err
		}
		rest = rest[n:]
	}
	return a, nil
}

// option reads one option and says how many words it has.
func (a *action) option(words []string) (int, error) {
	name, value, assigned := strings.Cut(words[0], "=")
	switch {
	case name == "tag" && assigned:
		a.tag = value
		return 1, nil
	case name == "contact" && assigned:
		a.contact = value
		return 1, nil
	case name == "header" && assigned:
		field, v, ok := strings.Cut(value, ":")
		if !ok {
			return 0, fmt.Errorf("%q is not Name:value", value)
		}
		a.header = append(a.header, field+":"+strings.ReplaceAll(v, "~", " "))
		return 1, nil
	case words[0] == "bare":
		a.noBody = true
		return 1, nil
	case words[0] == "sdp":
		a.body = true
		return 1, nil
	}
	if len(words) < 2 {
		return 0, fmt.Errorf("%q is no option or lacks its value", words[0])
	}
	switch words[0] {
	case "after":
		d, err := time.ParseDuration(words[1])
		a.after = d
		return 2, err
	case "to":
		if a.status != 0 {
			return 2, a.setMethod(words[1])
		}
		a.to = words[1]
		return 2, nil
	case "via":
		a.via = words[1]
		return 2, nil
	}
	return 0, fmt.Errorf("%q is no option", words[0])
}

func (a *action) setMethod(word string) error {
	if a.method = parser.ParseMethod([]byte(word)); a.method == parser.MethodUnknown {
		return fmt.Errorf("%q is no method", word)
	}
	return nil
}

// parseStatus reads a status code.
func parseStatus(word string) (parser.Status, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 100 || n > 699 {
		return 0, fmt.Errorf("%q is no status", word)
	}
	return parser.Status(n), nil
}
