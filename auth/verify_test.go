package auth

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Both sides agree on every algorithm and quality of protection, with a body and without.
func TestClientAgainstServer(t *testing.T) {
	for a := MD5; a <= SHA512256Sess; a++ {
		for _, q := range []string{"auth", "auth-int", ""} {
			for _, proxy := range []bool{false, true} {
				for _, body := range []string{"", "v=0\r\n"} {
					s := newTestServer(t, ServerConfig{Algorithms: []Algorithm{a}, AuthInt: true, Proxy: proxy})
					text := string(s.asks(t, false, midnight).Bytes())
					qop := `, qop="` + q + `"`
					if q == "" {
						qop = ""
					}
					m := parse(t, strings.ReplaceAll(strings.Replace(text, `, qop="auth,auth-int"`, qop, 1), "\r\n", "\n"))
					x := newTestClient(ClientConfig{Credentials: User("bob", "zanzibar")}).exchange(t)
					must(t, x.Challenge(m))
					good := answers(t, x, parser.MethodMessage, "sip:b@h", body)
					wantVerdict(t, s, good, midnight, "0 bob")
					wantVerdict(t, s, good, midnight, fmt.Sprint(int(s.Status()), " stale"))
					if q == "auth-int" {
						x := login(t, s, midnight)
						text := string(answers(t, x, parser.MethodMessage, "sip:b@h", "").Bytes())
						if strings.Contains(text, "auth-int") {
							t.Error("auth is preferred")
						}
					}
				}
			}
		}
	}
}

// auth-int covers the body.
func TestAuthIntCoversTheBody(t *testing.T) {
	s := newTestServer(t, ServerConfig{})
	m := parse(t, strings.ReplaceAll(strings.ReplaceAll(string(s.asks(t, false, midnight).Bytes()), `qop="auth"`, `qop="auth-int"`), "\r\n", "\n"))
	x := newTestClient(ClientConfig{Credentials: User("bob", "zanzibar")}).exchange(t)
	must(t, x.Challenge(m))
	fields := written(t, x, parser.MethodMessage, "sip:b@h", "hello")
	wantVerdict(t, s, requesting(t, "MESSAGE", "sip:b@h", append(fields, "\nhallo")...), midnight, "401")
	wantVerdict(t, s, requesting(t, "MESSAGE", "sip:b@h", append(fields, "\nhello")...), midnight, "0 bob")
}

// The digests that RFC 7616 prints are right, by the password alone: their nonces are none of ours, and so they are stale.
func TestPrintedCredentials(t *testing.T) {
	const jason = `, realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", nc=00000001, ` +
		`cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", qop=auth, opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS"`
	const mufasa = `Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ` +
		`nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
	right := `, response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"` // of erratum 4897
	for _, tt := range []struct{ name, realm, credentials, want string }{
		{"3.9.1, MD5", "http-auth@example.org", mufasa + `, algorithm=MD5, response="8ca523f5e9506fed4657c9700eebdbec"`, "right"},
		{"3.9.1, SHA-256", "http-auth@example.org", mufasa + `, algorithm=SHA-256, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"`, "right"},
		{"3.9.1, the one for the other", "http-auth@example.org", mufasa + `, algorithm=MD5, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"`, "wrong"},
		{"3.9.2, extended name", "api@example.org", `Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, userhash=false` + jason + right, "right"},
		{"3.9.2, plain name", "api@example.org", "Digest username=\"J\u00e4s\u00f8n Doe\"" + jason + right, "right"},
		{"3.9.2, hashed name", "api@example.org", `Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b", userhash=true` + jason + right, "wrong"},
		{"3.9.2, both names", "api@example.org", "Digest username=\"J\u00e4s\u00f8n Doe\", username*=UTF-8''J%C3%A4s%C3%B8n%20Doe" + jason + right, "bad"},
		{"3.9.2, another charset", "api@example.org", `Digest username*=ISO-8859-1''J%E4s%F8n%20Doe` + jason + right, "bad"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(t, ServerConfig{Realm: tt.realm, Algorithms: []Algorithm{MD5, SHA256, SHA512256}})
			// The scheme of the RFC's example is another protocol's: the request line is what its digest is about.
			m := requesting(t, "GET", "x:y", "Authorization: "+tt.credentials)
			var g given
			for a := range m.Auths(parser.HeaderAuthorization) {
				g.read(a, nil)
			}
			_, complete := g.number()
			got := "wrong"
			switch {
			case !complete:
				got = "bad"
			case !g.hashed && s.verifies(&g, m):
				got = "right"
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// Each count of a nonce is good once, in any order that requests overtake each other in (RFC 7616, Section 3.4).
func TestReplayIsFound(t *testing.T) {
	s := newTestServer(t, ServerConfig{})
	x := login(t, s, midnight)
	var tries []*parser.Message
	for range 70 {
		tries = append(tries, answers(t, x, parser.MethodOptions, "sip:b@h", ""))
	}
	for _, i := range []int{4, 2, 3, 69} {
		wantVerdict(t, s, tries[i], midnight, "0 bob")
	}
	for _, i := range []int{4, 2, 3, 69} {
		wantVerdict(t, s, tries[i], midnight, "401 stale")
	}
	wantVerdict(t, s, tries[6], midnight, "0 bob")         // 63 before the highest
	wantVerdict(t, s, tries[5], midnight, "401 stale")     // too old to be known
	wantVerdict(t, s, tries[1], midnight, "401 stale")     //
	wantVerdict(t, s, tries[68], midnight.Add(1), "0 bob") //
	if n := s.Nonces(midnight); n != 1 {
		t.Errorf("%d nonces are remembered, want 1", n)
	}
}

// Whoever does not know the password leaves no trace: a count is used when the digest is right, and not before.
func TestWrongDigestUsesNoCount(t *testing.T) {
	s := newTestServer(t, ServerConfig{})
	x := login(t, s, midnight)
	good := answers(t, x, parser.MethodOptions, "sip:b@h", "")
	forged := strings.Replace(string(good.Bytes()), `response="`, `response="0`, 1)
	m := new(parser.Message)
	must(t, m.Parse([]byte(forged)))
	for range 100 {
		wantVerdict(t, s, m, midnight, "401")
	}
	wantVerdict(t, s, requesting(t, "BYE", "sip:b@h", rowOf(good)), midnight, "401")                                            // another method
	elsewhere := strings.ReplaceAll(string(requesting(t, "OPTIONS", "sip:c@h", rowOf(good)).Bytes()), "<sip:b@h>", "<sip:c@h>") // another URI
	must(t, m.Parse([]byte(elsewhere)))
	wantVerdict(t, s, m, midnight, "401")
	if n := s.Nonces(midnight); n != 0 {
		t.Errorf("%d nonces are remembered, want none", n)
	}
	wantVerdict(t, s, good, midnight, "0 bob")
}

func rowOf(m *parser.Message) string {
	return "Authorization: " + string(m.Raw(parser.HeaderAuthorization))
}

// Who has the right password and a nonce that is no good is told that it is stale, and only who has the right password (RFC 7616, Section 3.3).
func TestStaleNonces(t *testing.T) {
	key := []byte("0123456789abcdef")
	other := newTestServer(t, ServerConfig{Realm: "atlanta.com", Key: key})
	for _, tt := range []struct {
		name string
		of   *Server // that made the nonce
		late time.Duration
		want string
	}{
		{"in time", nil, 5 * time.Minute, "0 bob"},
		{"too late", nil, 5*time.Minute + 1, "401 stale"},
		{"of the future", nil, -6 * time.Minute, "401 stale"},
		{"of a restarted server with its key", newTestServer(t, ServerConfig{Key: key}), time.Second, "0 bob"},
		{"of another key", newTestServer(t, ServerConfig{}), time.Second, "401 stale"},
		{"of another realm", other, time.Second, "401 stale"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(t, ServerConfig{Key: key})
			from := tt.of
			if from == nil {
				from = s
			}
			m := strings.Replace(string(from.asks(t, false, midnight).Bytes()), "atlanta.com", "biloxi.com", -1)
			for password, want := range map[string]string{"zanzibar": tt.want, "wrong": "401"} {
				x := newTestClient(ClientConfig{Credentials: User("bob", password)}).exchange(t)
				must(t, x.Challenge(parse(t, strings.ReplaceAll(m, "\r\n", "\n"))))
				wantVerdict(t, s, answers(t, x, parser.MethodOptions, "sip:b@h", ""), midnight.Add(tt.late), want)
			}
		})
	}
}

// A full table forgets the oldest nonce, whose user has to replace it, and no nonce older than that counts as new.
func TestFullTableForgetsTheOldest(t *testing.T) {
	s := newTestServer(t, ServerConfig{MaxNonces: 3})
	var users []*Exchange
	unused := login(t, s, midnight)
	for i := range 5 {
		users = append(users, login(t, s, midnight))
		wantVerdict(t, s, answers(t, users[i], parser.MethodOptions, "sip:b@h", ""), midnight, "0 bob")
		if n := s.Nonces(midnight); n != min(i+1, 3) {
			t.Errorf("%d nonces are remembered, want %d", n, min(i+1, 3))
		}
	}
	for i, want := range []string{"401 stale", "401 stale", "0 bob", "0 bob", "0 bob"} {
		wantVerdict(t, s, answers(t, users[i], parser.MethodOptions, "sip:b@h", ""), midnight, want)
	}
	wantVerdict(t, s, answers(t, unused, parser.MethodOptions, "sip:b@h", ""), midnight, "401 stale")
	// The way out: a new nonce.
	must(t, users[0].Challenge(s.asks(t, true, midnight)))
	wantVerdict(t, s, answers(t, users[0], parser.MethodOptions, "sip:b@h", ""), midnight, "0 bob")
	if n := s.Nonces(midnight.Add(6 * time.Minute)); n != 0 {
		t.Errorf("%d nonces are remembered after their time, want none", n)
	}
}

// What a request may show, and what it is answered (RFC 3261, Section 22.3; RFC 7616, Section 3.4; RFC 4475, Section 3.3.7).
func TestVerdicts(t *testing.T) {
	s := newTestServer(t, ServerConfig{})
	good := func() string {
		return rowOf(answers(t, login(t, s, midnight), parser.MethodRegister, "sip:biloxi.com", ""))
	}
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(good()) }
	without := func(name string) string {
		row, _ := strings.CutPrefix(good(), "Authorization: Digest ")
		var kept []string
		for p := range strings.SplitSeq(row, ", ") {
			if !strings.HasPrefix(p, name+"=") {
				kept = append(kept, p)
			}
		}
		return "Authorization: Digest " + strings.Join(kept, ", ")
	}
	for _, tt := range []struct {
		name   string
		fields []string
		want   string
	}{
		{"good", []string{good()}, "0 bob"},
		{"none", nil, "401"},
		{"in the other header", []string{edit("Authorization", "Proxy-Authorization")}, "401"},
		{"Basic", []string{"Authorization: Basic Ym9iOnphbnppYmFy"}, "401"},
		{"a scheme that nobody knows", []string{"Authorization: NoOneKnowsThisScheme opaque-data=here"}, "401"},
		{"of another realm", []string{edit(`realm="biloxi.com"`, `realm="atlanta.com"`)}, "401"},
		{"beside those of others", []string{edit(`realm="biloxi.com"`, `realm="atlanta.com"`), "Authorization: Basic x", good()}, "0 bob"},
		{"beside malformed ones", []string{"Authorization: Digest realm=", good()}, "0 bob"},
		{"behind wrong ones", []string{edit(`response="`, `response="0`), good()}, "0 bob"},
		{"behind too many wrong ones", []string{edit(`response="`, `response="0`), edit(`response="`, `response="0`), edit(`response="`, `response="0`), edit(`response="`, `response="0`), good()}, "401"},
		{"malformed", []string{"Authorization: Digest realm=\"biloxi.com\","}, "400"},
		{"without username", []string{without("username")}, "400"},
		{"without nonce", []string{without("nonce")}, "400"},
		{"without uri", []string{without("uri")}, "400"},
		{"without response", []string{without("response")}, "400"},
		{"without cnonce", []string{without("cnonce")}, "400"},
		{"without nc", []string{without("nc")}, "400"},
		{"without qop", []string{without("qop")}, "401"},
		{"without realm", []string{without("realm")}, "401"},
		{"without algorithm", []string{without("algorithm")}, "401"},
		{"qop that nobody knows", []string{edit("qop=auth", "qop=auth-conf")}, "400"},
		{"qop quoted", []string{edit("qop=auth", `qop="auth"`)}, "0 bob"},
		{"short nc", []string{edit("nc=00000001", "nc=1")}, "400"},
		{"nc that is no number", []string{edit("nc=00000001", "nc=0000000x")}, "400"},
		{"another nc", []string{edit("nc=00000001", "nc=00000002")}, "401"},
		{"algorithm that was not offered", []string{edit("SHA-256", "SHA-512-256")}, "401"},
		{"algorithm that nobody knows", []string{edit("SHA-256", "AKAv1-MD5")}, "401"},
		{"before the first challenge", []string{`Authorization: Digest username="bob", realm="biloxi.com", nonce="", uri="sip:biloxi.com", response=""`}, "401"},
		{"unknown user", []string{edit(`"bob"`, `"eve"`)}, "401"},
		{"a user without a password", []string{edit(`"bob"`, `"nopassword"`)}, "401"},
		{"hashed name", []string{good() + ", userhash=true"}, "401"},
		{"stale before malformed", []string{"Authorization: Digest realm=\"biloxi.com\",", rowOf(answers(t, login(t, newTestServer(t, ServerConfig{}), midnight), parser.MethodRegister, "sip:biloxi.com", ""))}, "401 stale"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantVerdict(t, s, requesting(t, "REGISTER", "sip:biloxi.com", tt.fields...), midnight, tt.want)
		})
	}
}

// Users whose hashes alone are known: with the algorithms of these they are who they are, with others they are nobody.
func TestStoredHashes(t *testing.T) {
	for algorithms, want := range map[Algorithm]string{SHA256: "0 carol", SHA256Sess: "0 carol", MD5: "401", SHA512256: "401"} {
		s := newTestServer(t, ServerConfig{Algorithms: []Algorithm{algorithms}})
		x := newTestClient(ClientConfig{Credentials: User("carol", "chiwawa")}).exchange(t)
		must(t, x.Challenge(s.asks(t, false, midnight)))
		wantVerdict(t, s, answers(t, x, parser.MethodOptions, "sip:b@h", ""), midnight, want)
	}
}

// A user without a hash for the algorithm has no empty hash instead, with which anybody could compute a digest.
func TestNoHashIsNoSecret(t *testing.T) {
	s := newTestServer(t, ServerConfig{Algorithms: []Algorithm{MD5}})
	c, ok := readChallenge(firstAuth(t, s.Challenge(false, midnight)[0], s.Header()), s.Header())
	if !ok {
		t.Fatal("no challenge")
	}
	x := newSession(c, Credentials{Username: "carol"}, "c")
	x.ha1 = ""
	forged := x.append(nil, []byte("OPTIONS"), []byte("sip:b@h"), x.next(), nil)
	wantVerdict(t, s, requesting(t, "OPTIONS", "sip:b@h", "Authorization: "+string(forged)), midnight, "401")
}

// A session's hash needs a cnonce, with qop and without (RFC 7616, Section 3.4.2).
func TestSessionNeedsACnonce(t *testing.T) {
	s := newTestServer(t, ServerConfig{Algorithms: []Algorithm{SHA256Sess}})
	row := rowOf(answers(t, login(t, s, midnight), parser.MethodOptions, "sip:b@h", ""))
	bare := strings.NewReplacer(", qop=auth, nc=00000001", "", `, cnonce="000000000000000100000000"`, "").Replace(row)
	if bare == row {
		t.Fatal(row)
	}
	wantVerdict(t, s, requesting(t, "OPTIONS", "sip:b@h", bare), midnight, "400")
}

// Who knows no password proves nothing, not even with that of nobody.
func TestEmptyPasswordProvesNothing(t *testing.T) {
	s := newTestServer(t, ServerConfig{})
	for _, user := range []string{"nopassword", "eve"} {
		x := newTestClient(ClientConfig{Credentials: User(user, "")}).exchange(t)
		must(t, x.Challenge(s.asks(t, false, midnight)))
		wantVerdict(t, s, answers(t, x, parser.MethodOptions, "sip:b@h", ""), midnight, "401")
	}
}

// Which Request-URIs credentials are for, besides the one that they name: each tolerance, and where it ends.
func TestDigestURITolerance(t *testing.T) {
	for _, tt := range []struct {
		name, method, uri, requested, to string
		want                             bool
	}{
		{"the same", "INVITE", "sip:b@h", "sip:b@h", "sip:x@y", true},
		{"another spelling", "INVITE", "sip:%62@H;transport=udp", "sip:b@h;transport=UDP", "sip:x@y", true},
		{"without parameters", "INVITE", "sip:b@h", "sip:b@h;transport=tcp", "sip:x@y", true},
		{"with a port", "INVITE", "sip:b@h:5060", "sip:b@h", "sip:x@y", true},
		{"another scheme", "INVITE", "sips:b@h", "sip:b@h", "sip:x@y", true},
		{"another user", "INVITE", "sip:c@h", "sip:b@h", "sip:x@y", false},
		{"users differ by case", "INVITE", "sip:B@h", "sip:b@h", "sip:x@y", false},
		{"another host", "INVITE", "sip:b@i", "sip:b@h", "sip:x@y", false},
		{"no user", "INVITE", "sip:h", "sip:b@h", "sip:x@y", false},
		{"a proxy sent it on", "INVITE", "sip:b@example.com", "sip:b@192.0.2.1", "sip:b@example.com", true},
		{"a proxy sent it on, says somebody", "INVITE", "sip:c@example.com", "sip:b@192.0.2.1", "sip:b@example.com", false},
		{"REGISTER with a user", "REGISTER", "sip:b@h", "sip:h", "sip:b@i", true},
		{"REGISTER of another domain", "REGISTER", "sip:b@j", "sip:h", "sip:b@i", false},
		{"tel", "INVITE", "tel:+1-201-555-0123", "tel:+12015550123", "sip:x@y", true},
		{"another number", "INVITE", "tel:+12015550124", "tel:+12015550123", "tel:+12015550123", false},
		{"no URI", "INVITE", "b", "sip:b@h", "sip:b@h", false},
		{"nothing", "INVITE", "", "sip:b@h", "sip:b@h", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := requesting(t, tt.method, tt.requested)
			text := strings.Replace(string(m.Bytes()), "<sip:b@h>", "<"+tt.to+">", 1)
			must(t, m.Parse([]byte(text)))
			if got := meant([]byte(tt.uri), m); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// One server serves many at the same time: each count is good once, whoever comes first.
func TestServerIsSafeForConcurrentUse(t *testing.T) {
	s := newTestServer(t, ServerConfig{MaxNonces: 4})
	s.nonces.rand = func(b []byte) { clear(b) }
	good := answers(t, login(t, s, midnight), parser.MethodOptions, "sip:b@h", "")
	var verified sync.Map
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			s.Challenge(false, midnight)
			if s.Verify(good.Clone(), midnight).Status == 0 {
				verified.Store(i, true)
			}
		})
	}
	running.Wait()
	n := 0
	verified.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("verified %d times, want once", n)
	}
}

// The window against a slow model: a set of all counts.
func TestWindowAgainstASet(t *testing.T) {
	seed := uint64(1)
	for range 200 {
		var w window
		used, top := map[uint32]bool{}, uint32(0)
		for range 300 {
			seed = seed*6364136223846793005 + 1442695040888963407
			n := uint32(seed>>33)%150 + 1
			want := !used[n] && (top < remembered || n > top-remembered)
			if got := w.use(n); got != want {
				t.Fatalf("%d with %d on top: got %v, want %v", n, top, got, want)
			}
			used[n], top = used[n] || want, max(top, n)
		}
	}
	w := window{}
	for _, n := range []uint32{0, 1<<32 - 1} {
		if !w.use(n) || w.use(n) {
			t.Errorf("%d: want once", n)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, a := range []Algorithm{MD5, SHA256} {
		b.Run(a.String(), func(b *testing.B) {
			s := newTestServer(b, ServerConfig{Algorithms: []Algorithm{a}})
			m := answers(b, login(b, s, midnight), parser.MethodRegister, "sip:biloxi.com", "")
			b.ReportAllocs()
			for b.Loop() {
				s.Verify(m, midnight)
			}
		})
	}
}
