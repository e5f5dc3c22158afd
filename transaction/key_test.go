package transaction

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Values of any length are told apart, wherever one ends and the next begins.
func TestDigestSeparatesValues(t *testing.T) {
	h := newKeys()
	sums := map[[sumSize]byte]string{}
	note := func(name string, f func(d *digest)) {
		d := digest{keys: &h}
		f(&d)
		sum := d.sum()
		if other, twice := sums[sum]; twice {
			t.Errorf("%s and %s have the same digest", name, other)
		}
		sums[sum] = name
	}
	note("nothing", func(d *digest) {})
	note("empty value", func(d *digest) { d.write(nil) })
	note("number 0 twice", func(d *digest) { d.number(0); d.number(0) })
	note("ab", func(d *digest) { d.write([]byte("ab")) })
	note("a, b", func(d *digest) { d.write([]byte("a")); d.write([]byte("b")) })
	note("b, a", func(d *digest) { d.write([]byte("b")); d.write([]byte("a")) })
	for _, n := range []int{200, 251, 252, 253, 255, 256, 257, 300, 511, 512, 513, 5000} {
		long := bytes.Repeat([]byte("x"), n)
		note("long", func(d *digest) { d.write(long) })
		long[n-1] = 'y'
		note("long, its end differs", func(d *digest) { d.write(long) })
		long[0] = 'y'
		note("long, its start differs", func(d *digest) { d.write(long) })
	}
}

func TestDigestFoldsCase(t *testing.T) {
	h := newKeys()
	sum := func(s string) [sumSize]byte {
		d := digest{keys: &h}
		d.fold([]byte(s))
		return d.sum()
	}
	for _, n := range []int{1, 100, 400} {
		if s := strings.Repeat("aZ[`{@", n); sum(s) != sum(strings.ToUpper(s)) || sum(s) == sum(strings.ReplaceAll(s, "[", "{")) {
			t.Errorf("%d octets: case is not folded as in US-ASCII", len(s))
		}
	}
}

// Two layers make different keys of one request: nobody who tries out collisions on one finds any of another.
func TestKeysAreSecret(t *testing.T) {
	m := parsed(t, request("INVITE", "z9hG4bKabc"))
	a, b := newKeys(), newKeys()
	ka, _, _ := a.serverKey(m)
	kb, _, _ := b.serverKey(m)
	for i := 0; i < sumSize; i += 8 {
		if [8]byte(ka.sum[i:]) == [8]byte(kb.sum[i:]) {
			t.Errorf("half %d of the keys is the same", i/8)
		}
	}
	if [8]byte(ka.sum[:]) == [8]byte(ka.sum[8:]) {
		t.Error("both halves of a key are the same")
	}
	ma, _ := a.mergeKey(m)
	if mb, _ := b.mergeKey(m); ma == mb {
		t.Error("the merge keys are the same")
	}
}

func TestKeysDoNotAllocate(t *testing.T) {
	long := strings.Repeat("x", 3000)
	messages := map[string]string{
		"RFC 3261":       request("INVITE", "z9hG4bKabc"),
		"unknown method": request("FOO", "z9hG4bKabc"),
		"RFC 2543":       request("INVITE", ""),
		"long":           request("INVITE", "z9hG4bK"+long),
		"long, RFC 2543": request("INVITE", "", "a84b4c76e66710", long),
	}
	h := newKeys()
	for name, text := range messages {
		m := parsed(t, text)
		resp := parsed(t, response(text, 200, "b"))
		n := testing.AllocsPerRun(100, func() {
			if _, _, ok := h.serverKey(m); !ok {
				t.Error("no server key")
			}
			if k, _ := h.mergeKey(m); k == 0 {
				t.Error("no merge key")
			}
			h.clientKey(resp)
		})
		if n != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, n)
		}
	}
}

func TestRequestsMatchByBranchSentByAndMethod(t *testing.T) {
	const branch = "z9hG4bKabc"
	first := request("INVITE", branch)
	tests := []struct {
		name  string
		text  string
		fresh bool // opens a transaction of its own
	}{
		{"the same", first, false},
		{"branch in capitals", changed(first, branch, strings.ToUpper(branch)), false},
		{"host in capitals", changed(first, "pc33.atlanta.example:5066", "PC33.ATLANTA.EXAMPLE:5066"), false},
		{"other fields differ", changed(first, "314159", "1", "1928301774", "x", "sip:bob@", "sip:carol@"), false},
		{"transport differs", changed(first, "SIP/2.0/UDP", "SIP/2.0/TCP"), false},
		{"another branch", changed(first, branch, "z9hG4bKabd"), true},
		{"another host", changed(first, "pc33.atlanta.example:5066", "pc34.atlanta.example:5066"), true},
		{"another port", changed(first, "example:5066;", "example:5067;"), true},
		{"no port", changed(first, "example:5066;", "example;"), true},
		{"the default port", changed(first, "example:5066;", "example:5060;"), true},
		{"another method", changed(first, "INVITE", "OPTIONS"), true},
		{"an unknown method", changed(first, "INVITE", "FOO"), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			layer(t, nil, func(e *layerTest) {
				e.receive(first)
				if _, kept := e.receive(tt.text); kept != tt.fresh {
					e.Errorf("opened a transaction: got %v, want %v", kept, tt.fresh)
				}
				if _, kept := e.receive(tt.text); kept {
					e.Error("its repetition opened a transaction")
				}
			})
		})
	}
	// An absent port and the default one are different values.
	layer(t, nil, func(e *layerTest) {
		e.receive(changed(first, "example:5066;", "example:5060;"))
		if _, kept := e.receive(changed(first, "example:5066;", "example;")); !kept {
			e.Error("no port matched port 5060")
		}
	})
	layer(t, nil, func(e *layerTest) {
		e.receive(changed(first, "INVITE", "FOO"))
		if _, kept := e.receive(changed(first, "INVITE", "BAR")); !kept {
			e.Error("two unknown methods matched each other")
		}
	})
}

func TestRequestsOfRFC2543Match(t *testing.T) {
	for _, branch := range []string{"", "1234", "z9hG4bK", "Z9HG4BK"} {
		for _, method := range []string{"INVITE", "OPTIONS", "FOO"} {
			first := request(method, branch, "Bob <sip:bob@biloxi.example>", "Bob <sip:bob@biloxi.example>;tag=t")
			tests := []struct {
				name  string
				text  string
				fresh bool
			}{
				{"the same", first, false},
				{"tags in capitals", changed(first, "tag=t", "tag=T"), false},
				{"other fields differ", changed(first, "Max-Forwards: 70", "Max-Forwards: 69"), false},
				{"another Request-URI", changed(first, method+" sip:bob@", method+" sip:carol@"), true},
				{"another To tag", changed(first, "tag=t", "tag=u"), true},
				{"no To tag", changed(first, ";tag=t", ""), true},
				{"another From tag", changed(first, "1928301774", "1928301775"), true},
				{"another Call-ID", changed(first, "a84b4c76e66710", "b84b4c76e66710"), true},
				{"Call-ID in capitals", changed(first, "a84b4c76e66710", "A84B4C76E66710"), true},
				{"another number", changed(first, "314159", "314160"), true},
				{"another method", changed(first, method, "MESSAGE"), true},
				{"another Via", changed(first, "pc33.atlanta.example:5066", "pc34.atlanta.example:5066"), true},
			}
			for _, tt := range tests {
				t.Run(fmt.Sprintf("%s branch %q: %s", method, branch, tt.name), func(t *testing.T) {
					layer(t, nil, func(e *layerTest) {
						e.receive(first)
						if _, kept := e.receive(tt.text); kept != tt.fresh {
							e.Errorf("opened a transaction: got %v, want %v", kept, tt.fresh)
						}
					})
				})
			}
		}
	}
}

func TestAckOfRFC2543Matches(t *testing.T) {
	invite := request("INVITE", "")
	tests := []struct {
		name   string
		status int
		tag    string // of the ACK's To
		change []string
		want   string
	}{
		{"refused", 486, "b", nil, ""},
		{"refused, tag in capitals", 486, "B", nil, ""},
		{"refused, another tag", 486, "c", nil, "0s core ACK"},
		{"refused, no tag", 486, "", nil, "0s core ACK"},
		{"refused, another number", 486, "b", []string{"314159", "314160"}, "0s core ACK"},
		{"refused, another Request-URI", 486, "b", []string{"ACK sip:bob", "ACK sip:carol"}, "0s core ACK"},
		{"refused, another Via", 486, "b", []string{"pc33.atlanta.example:5066", "pc34.atlanta.example:5066"}, "0s core ACK"},
		{"accepted", 200, "b", nil, "0s tu ACK"},
		{"accepted, another tag", 200, "c", nil, "0s core ACK"},
		{"ringing", 180, "b", nil, "0s core ACK"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			layer(t, nil, func(e *layerTest) {
				e.receive(invite)
				e.respond(invite, tt.status)
				e.j.want(e.T, fmt.Sprintf("0s core INVITE\n0s send %d", tt.status))
				ack := changed(invite, "INVITE", "ACK")
				if tt.tag != "" {
					ack = changed(ack, "Bob <sip:bob@biloxi.example>", "Bob <sip:bob@biloxi.example>;tag="+tt.tag)
				}
				e.receive(changed(ack, tt.change...))
				e.j.want(e.T, tt.want)
				e.j.until(time.Hour)
				counts(e.T, e.l, 0, 0)
				if n := e.l.acks.len(); n != 0 {
					e.Errorf("%d keys of ACKs are left", n)
				}
			})
		})
	}
}
