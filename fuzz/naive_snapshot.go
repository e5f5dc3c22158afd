package fuzz

import (
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// snapshot is a dialog as the naive reader reads it.
type snapshot struct {
	role                         byte
	secure, hasLocal, hasRemote  bool
	update, sips                 bool
	localSeq, remoteSeq, invite  uint64
	ends                         uint64
	callID, localTag, remoteTag  string
	local, remote, target, route string
	user, timer                  string
	localType, localData         string
	remoteType, remoteData       string
	routes                       []string
}

// String returns what the application sees.
func (s snapshot) String() string {
	return fmt.Sprintf("role %d\nsecure %v\nseq %d\nends %d\nupdate %v %v\n%q\n%q\n%q\n%q\n%q\n%q\n%q\n%q\n%q", s.role, s.secure, s.localSeq, s.ends, s.update, s.sips,
		s.callID, s.local, s.remote, s.target, s.user, s.localType, s.localData, s.remoteType, s.remoteData)
}

// snapshotLimit is what a dialog remembers at most, userLimit the length of a user of Contact.
const (
	snapshotLimit = 6144
	userLimit     = 1024
)

// bigEndian reads the n octets of s from i on as a number.
func bigEndian(s string, i, n int) uint64 {
	var v uint64
	for _, c := range []byte(s[i : i+n]) {
		v = v*256 + uint64(c)
	}
	return v
}

// octets writes v in four octets.
func octets(v uint64) string {
	return string([]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

// castagnoli divides s by the polynomial of CRC-32C, bit by bit.
func castagnoli(s string) uint64 {
	sum := uint32(0xffffffff)
	for i := range len(s) {
		sum ^= uint32(s[i])
		for range 8 {
			odd := sum % 2
			sum /= 2
			if odd == 1 {
				sum ^= crc32.Castagnoli
			}
		}
	}
	return uint64(sum ^ 0xffffffff)
}

// resealed returns s with the length and checksum that it should have; false when it is far from a snapshot.
func resealed(s string) (string, bool) {
	if len(s) < 13 || !strings.HasPrefix(s, "RBDS\x01") {
		return "", false
	}
	records := s[9 : len(s)-4]
	s = s[:5] + octets(uint64(len(records))) + records
	return s + octets(castagnoli(s)), true
}

// readSnapshot reads all of s.
func readSnapshot(s string) (snapshot, bool) {
	var r snapshot
	right, ok := resealed(s)
	if !ok || right != s {
		return r, false
	}
	values := map[byte]string{}
	for rest, last := s[9:len(s)-4], 0; rest != ""; {
		if len(rest) < 6 {
			return r, false
		}
		tag, n := rest[0], bigEndian(rest, 1, 4)
		if int(tag) <= last || tag > 14 || n == 0 || n > uint64(len(rest)-5) {
			return r, false
		}
		values[tag], last, rest = rest[5:5+n], int(tag), rest[5+n:]
	}
	n := values[1]
	if len(n) != 22 || n[0] > 1 || n[1] > 31 {
		return r, false
	}
	r = snapshot{
		role: n[0], secure: n[1]&1 > 0, hasLocal: n[1]&2 > 0, hasRemote: n[1]&4 > 0, update: n[1]&8 > 0, sips: n[1]&16 > 0,
		localSeq: bigEndian(n, 2, 4), remoteSeq: bigEndian(n, 6, 4), invite: bigEndian(n, 10, 4), ends: bigEndian(n, 14, 8),
		callID: values[2], localTag: values[3], remoteTag: values[4], local: values[5], remote: values[6], target: values[7],
		route: values[8], user: values[9], timer: values[10],
		localType: values[11], localData: values[12], remoteType: values[13], remoteData: values[14],
	}
	return r, r.numbersFit() && r.timerFits() && r.textsFit() && isDescription(r.localType, r.localData) && isDescription(r.remoteType, r.remoteData) && r.readRoutes()
}

func (r *snapshot) numbersFit() bool {
	switch {
	case r.ends >= 1<<63, r.localSeq > 1<<31-1-2<<16, !r.hasLocal && r.localSeq > 0, !r.hasRemote && r.remoteSeq > 0:
		return false
	case r.role == 0:
		return r.hasLocal && r.localSeq >= r.invite
	}
	return r.hasRemote && r.remoteSeq >= r.invite
}

func (r *snapshot) textsFit() bool {
	size := len(r.callID) + 2*len(r.localTag) + 2*len(r.remoteTag) + len(r.local) + len(r.remote) + len(r.target) + len(r.route)
	left, right, at := strings.Cut(r.callID, "@")
	if size > snapshotLimit || len(r.user) > userLimit || !consists(left, words) || at && !consists(right, words) {
		return false
	}
	for _, tag := range []string{r.localTag, r.remoteTag} {
		if tag != "" && !consists(tag, tokens+"[]:") {
			return false
		}
	}
	if r.user != "" && (!escaped(r.user, users) || len("sip:"+r.user+"@localhost") > parser.MaxURI) {
		return false
	}
	for _, s := range []string{r.local, r.remote} {
		if _, ok := readURI(s); !ok {
			return false
		}
	}
	t, ok := readURI(r.target)
	if !ok || lower(t.scheme) != "sip" && lower(t.scheme) != "sips" || t.hasHeaders && len(t.headers) > 0 {
		return false
	}
	for _, p := range t.params {
		if strings.EqualFold(p.name, "method") {
			return false
		}
	}
	return true
}

// timerFits reports whether the timer's record is none, or one of a session that lasts a second at least.
func (r *snapshot) timerFits() bool {
	if r.timer == "" {
		return true
	}
	if len(r.timer) != 18 {
		return false
	}
	interval, floor, theirs, alone := bigEndian(r.timer, 0, 4), bigEndian(r.timer, 4, 4), r.timer[8], r.timer[9]
	return interval >= 1 && interval < 1<<31 && floor < 1<<31 && theirs < 2 && alone < 2 && theirs+alone < 2 && bigEndian(r.timer, 10, 8) < 1<<63
}

// isDescription reports whether a type and octets are both there or both not, and the type is one line of visible characters.
func isDescription(kind, data string) bool {
	const visible = alnum + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	if kind == "" || data == "" {
		return kind == data
	}
	return len(kind) <= 256 && len(data) <= 65535 && consists(kind, visible+" ") && strings.TrimSpace(kind) == kind
}

func (r *snapshot) readRoutes() bool {
	if r.route == "" {
		return true
	}
	if !strings.HasPrefix(r.route, "<") || !strings.HasSuffix(r.route, ">") {
		return false
	}
	r.routes = strings.Split(r.route[1:len(r.route)-1], ">, <")
	for _, s := range r.routes {
		if _, ok := readURI(s); !ok {
			return false
		}
	}
	return true
}
