package blackbox

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// guarded is echo behind a server that wants to know who sends a MESSAGE, INVITE or anything else but OPTIONS.
func guarded(t *testing.T, most int) (*ua.Config, *auth.Server) {
	t.Helper()
	s, err := auth.NewServer(&auth.ServerConfig{
		Realm:     "lab.example.com",
		MaxNonces: most,
		Secret: func(username, _ string) (auth.Secret, bool) {
			return auth.Secret{Password: "secret"}, username == "alice"
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := echo()
	cfg.Handlers = []ua.Handler{ua.Authenticate(s, parser.MethodMessage, parser.MethodInvite, parser.MethodBye, parser.MethodRegister,
		parser.MethodSubscribe, parser.MethodPublish, parser.MethodRefer, parser.MethodInfo, parser.MethodNotify)}
	return cfg, s
}

// digest is what credentials are computed of, by hand.
type digest struct {
	user, password, nonce, nc, cnonce, qop, uri, method string
	md5                                                 bool
}

func (d digest) response() string {
	h := func(s string) string {
		if d.md5 {
			return fmt.Sprintf("%x", md5.Sum([]byte(s)))
		}
		return fmt.Sprintf("%x", sha256.Sum256([]byte(s)))
	}
	tail := ":"
	if d.qop != "" {
		tail = ":" + d.nc + ":" + d.cnonce + ":" + d.qop + ":"
	}
	return h(h(d.user+":lab.example.com:"+d.password) + ":" + d.nonce + tail + h(d.method+":"+d.uri))
}

// row is the Authorization of d.
func (d digest) row() string {
	s := fmt.Sprintf(`Authorization: Digest username="%s", realm="lab.example.com", nonce="%s", uri="%s", response="%s"`, d.user, d.nonce, d.uri, d.response())
	if !d.md5 {
		s += ", algorithm=SHA-256"
	}
	if d.qop != "" {
		s += fmt.Sprintf(`, qop=%s, nc=%s, cnonce="%s"`, d.qop, d.nc, d.cnonce)
	}
	return s
}

var evil5060 = netip.AddrPortFrom(evilAddr, 5060)

// tries sends a request with header lines, and returns the status of the answer and whether it says that the nonce is stale.
func (l *lab) tries(method, uri, id string, more ...string) string {
	l.Helper()
	answers := l.datagram([]byte(request(method, uri, evil5060, id, more...)))
	if len(answers) == 0 {
		return "nothing"
	}
	last := answers[len(answers)-1]
	if strings.Contains(last, "stale=true") {
		return status(last) + " stale"
	}
	return status(last)
}

// nonce asks for one.
func (l *lab) nonce(id string) string {
	l.Helper()
	answers := l.datagram([]byte(request("MESSAGE", "sip:a@10.0.0.1", evil5060, id)))
	if len(answers) != 1 || status(answers[0]) != "401" {
		l.Fatalf("got %q, want a challenge", answers)
	}
	_, rest, _ := strings.Cut(answers[0], `nonce="`)
	nonce, _, _ := strings.Cut(rest, `"`)
	return nonce
}

// Credentials are good for the request that they are of, once, and whoever overheard them can do nothing with them, nor spoil them for
// their owner.
func TestStolenCredentials(t *testing.T) {
	cfg, _ := guarded(t, 0)
	inLab(t, cfg, func(l *lab) {
		own := digest{user: "alice", password: "secret", nonce: l.nonce("first"), nc: "00000005", cnonce: "c", qop: "auth", uri: "sip:a@10.0.0.1", method: "MESSAGE"}
		if got := l.tries("MESSAGE", own.uri, "own", own.row()); got != "200" {
			t.Fatalf("the owner got %s", got)
		}
		change := func(f func(*digest)) digest {
			d := own
			f(&d)
			return d
		}
		swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(own.row()) }
		for i, tt := range []struct{ name, method, uri, row, want string }{
			{"once more", "MESSAGE", own.uri, own.row(), "401 stale"},
			{"a count before it", "MESSAGE", own.uri, swap("nc=00000005", "nc=00000004"), "401"},
			{"a count behind it", "MESSAGE", own.uri, swap("nc=00000005", "nc=000000ff"), "401"},
			{"the highest count", "MESSAGE", own.uri, swap("nc=00000005", "nc=ffffffff"), "401"},
			{"another method", "INVITE", own.uri, own.row(), "401"},
			{"another URI", "MESSAGE", "sip:b@10.0.0.1", own.row(), "401"},
			{"another URI, and says so", "MESSAGE", "sip:b@10.0.0.1", swap("sip:a@", "sip:b@"), "401"},
			{"another user", "MESSAGE", own.uri, swap(`"alice"`, `"bob"`), "401"},
			{"another cnonce", "MESSAGE", own.uri, swap(`cnonce="c"`, `cnonce="d"`), "401"},
			{"another nonce", "MESSAGE", own.uri, swap(own.nonce, l.nonce("other")), "401"},
			{"a nonce made up", "MESSAGE", own.uri, swap(own.nonce, strings.Repeat("A", len(own.nonce))), "401"},
			{"without qop", "MESSAGE", own.uri, swap(", qop=auth", "", ", nc=00000005", "", `, cnonce="c"`, ""), "401"},
			{"as MD5", "MESSAGE", own.uri, swap(", algorithm=SHA-256", ""), "401"},
			{"without cnonce", "MESSAGE", own.uri, swap(`, cnonce="c"`, ""), "400"},
			{"without response", "MESSAGE", own.uri, swap("response=", "x="), "400"},
			{"guessed", "MESSAGE", own.uri, change(func(d *digest) { d.password, d.nc = "guess", "00000006" }).row(), "401"},
			{"of nobody", "MESSAGE", own.uri, change(func(d *digest) { d.user, d.password, d.nc = "nobody", "", "00000006" }).row(), "401"},
			{"two of them", "MESSAGE", own.uri, own.row() + "\r\n" + swap("nc=00000005", "nc=00000006"), "401 stale"},
			{"a quarter of a message of them", "MESSAGE", own.uri, strings.TrimSuffix(strings.Repeat(swap("nc=00000005", "nc=00000006")+"\r\n", 40), "\r\n"), "401"},
			{"Basic", "MESSAGE", own.uri, "Authorization: Basic YWxpY2U6c2VjcmV0", "401"},
		} {
			if got := l.tries(tt.method, tt.uri, fmt.Sprint("stolen", i), tt.row); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
			}
		}
		for i, nc := range []string{"00000006", "00000004"} {
			if got := l.tries("MESSAGE", own.uri, fmt.Sprint("again", i), change(func(d *digest) { d.nc = nc }).row()); got != "200" {
				t.Errorf("the owner, with nc=%s, got %s", nc, got)
			}
		}
		time.Sleep(6 * time.Minute)
		late := change(func(d *digest) { d.nc = "00000009" })
		if got := l.tries("MESSAGE", own.uri, "late", late.row()); got != "401 stale" {
			t.Errorf("an old nonce with the password: got %s", got)
		}
		late.password = "guess"
		if got := l.tries("MESSAGE", own.uri, "later", late.row()); got != "401" {
			t.Errorf("an old nonce without: got %s", got)
		}
	})
}

// Who does not say who it is gets no further, whatever the method.
func TestEveryMethodIsChallenged(t *testing.T) {
	cfg, _ := guarded(t, 0)
	inLab(t, cfg, func(l *lab) {
		for _, method := range []string{"INVITE", "MESSAGE", "BYE", "REGISTER", "SUBSCRIBE", "PUBLISH", "REFER", "INFO", "NOTIFY"} {
			if got := l.tries(method, "sip:a@10.0.0.1", "any"+method); got != "401" {
				t.Errorf("%s: got %s, want 401", method, got)
			}
		}
	})
}

// Whoever knows no password makes the server remember nothing, and whoever knows one not more than it wants to: others have to prove
// themselves once more then, and can.
func TestNoncesAreCapped(t *testing.T) {
	const most = 100
	cfg, s := guarded(t, most)
	inLab(t, cfg, func(l *lab) {
		owner := digest{user: "alice", password: "secret", nonce: l.nonce("owner"), nc: "00000001", cnonce: "c", qop: "auth", uri: "sip:a@10.0.0.1", method: "MESSAGE"}
		if got := l.tries("MESSAGE", owner.uri, "owner1", owner.row()); got != "200" {
			t.Fatalf("the owner got %s", got)
		}
		pc, err := l.evil.ListenPacket(evil5060)
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
		flood := func(n int, password string, made bool) {
			for i := range n {
				d := owner
				d.password, d.nonce = password, fmt.Sprintf("%044d", i)
				id := fmt.Sprintf("flood%s%v%d", password, made, i)
				if made { // by the server, without a message
					_, rest, _ := strings.Cut(s.Challenge(false, time.Now())[0], `nonce="`)
					d.nonce, _, _ = strings.Cut(rest, `"`)
				}
				pc.WriteTo([]byte(request("MESSAGE", d.uri, evil5060, id, d.row())), toAgent())
				if i%100 == 99 {
					time.Sleep(100 * time.Millisecond)
				}
			}
			time.Sleep(time.Second)
		}
		n := share(100_000, 1_000)
		flood(n, "guess", true)
		flood(n, "secret", false)
		if got := s.Nonces(time.Now()); got != 1 {
			t.Errorf("%d nonces are remembered, want that of the owner", got)
		}
		flood(n, "secret", true)
		if got := s.Nonces(time.Now()); got != most {
			t.Errorf("%d nonces are remembered, want %d", got, most)
		}
		owner.nc = "00000002"
		got := []string{l.tries("MESSAGE", owner.uri, "owner2", owner.row())}
		owner.nonce, owner.nc = l.nonce("fresh"), "00000001"
		got = append(got, l.tries("MESSAGE", owner.uri, "owner3", owner.row()))
		if want := []string{"401 stale", "200"}; !slices.Equal(got, want) {
			t.Errorf("the owner got %q, want %q", got, want)
		}
		time.Sleep(6 * time.Minute)
		if got := s.Nonces(time.Now()); got != 0 {
			t.Errorf("%d nonces are remembered after their time", got)
		}
	})
}
