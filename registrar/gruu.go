package registrar

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/store"
)

// gruus makes and reads temporary GRUUs. What one stands for is sealed in its user part, so that nothing has to be kept for each: the address
// of record, and the epoch of the phone, which is another one when those before are not valid any more (RFC 5627, Appendix A.2, does the
// same in another way). The zero gruus is locked: see open.
type gruus struct{ aead atomic.Pointer[cipher.AEAD] }

// gruuKey is the key of the record that holds the secret, tempPrefix what the user part of a temporary GRUU begins with.
const (
	gruuKey    = "gruu/secret"
	tempPrefix = "tgruu."
	secretSize = 32
)

// openGRUUs reads the secret from the Store, or puts it there. All who share the Store share it.
func (g *Registrar) openGRUUs(ctx context.Context) error {
	if g.gruus.aead.Load() != nil {
		return nil
	}
	secret, _, err := g.cfg.Store.Get(ctx, gruuKey)
	if err == nil && secret == nil {
		secret = make([]byte, secretSize)
		_, _ = rand.Read(secret) // never fails
		if _, err = g.cfg.Store.Put(ctx, gruuKey, secret, 0, time.Time{}); errors.Is(err, store.ErrConflict) {
			secret, _, err = g.cfg.Store.Get(ctx, gruuKey)
		}
	}
	if err != nil {
		return fmt.Errorf("secret of GRUUs: %w", err)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return fmt.Errorf("secret of GRUUs: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return fmt.Errorf("secret of GRUUs: %w", err)
	}
	g.gruus.aead.Store(&aead)
	return nil
}

// appendGRUUs appends the GRUUs of b as parameters of its Contact: that which everybody may know, and one that says nothing about who has it
// (RFC 5627, Section 5.2). A SIPS contact has SIPS GRUUs (RFC 5630, Section 5.2.1).
func (g *Registrar) appendGRUUs(dst []byte, q *request, b *Binding) []byte {
	uri := b.uri()
	if !uri.IsSIP() {
		return dst
	}
	scheme := "sip:"
	if uri.IsSIPS() {
		scheme = "sips:"
	}
	at := "@" + string(q.to.Host())
	if port := q.to.Port(); port > 0 {
		at += ":" + strconv.Itoa(port)
	}
	dst = append(append(dst, `;pub-gruu="`...), scheme...)
	dst = append(append(parser.AppendUser(dst, []byte(q.aor.User)), at...), ";gr="...)
	dst = append(appendParamValue(dst, b.Instance), '"')
	ctx, stop := context.WithTimeout(context.Background(), storeTimeout)
	defer stop()
	if err := g.openGRUUs(ctx); err != nil {
		g.cfg.Logger.Error("no temporary GRUU", "aor", q.aor.String(), "err", err)
		return dst
	}
	return append(append(append(append(append(dst, `;temp-gruu="`...), scheme...), g.seal(q.aor, b.epoch)...), at...), `;gr"`...)
}

// seal returns the user part of a temporary GRUU.
func (g *Registrar) seal(aor AOR, epoch uint64) string {
	aead := *g.gruus.aead.Load()
	nonce := make([]byte, aead.NonceSize(), 128)
	_, _ = rand.Read(nonce) // never fails
	plain := append(binary.BigEndian.AppendUint64(nil, epoch), aor.key()...)
	return tempPrefix + base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, plain, nil))
}

// opened returns what a temporary GRUU stands for, valid or not any more; false when we did not make it.
func (g *Registrar) opened(uri parser.URI) (aor AOR, epoch uint64, ok bool) {
	aead := g.gruus.aead.Load()
	sealed, found := strings.CutPrefix(userOf(uri), tempPrefix)
	if !found || aead == nil {
		return AOR{}, 0, false
	}
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	n := (*aead).NonceSize()
	if err != nil || len(b) < n {
		return AOR{}, 0, false
	}
	plain, err := (*aead).Open(nil, b[:n], b[n:], nil)
	if err != nil || len(plain) < 8+len(prefix) {
		return AOR{}, 0, false
	}
	key := string(plain[8+len(prefix):])
	i := strings.LastIndexByte(key, '@')
	if i < 0 {
		return AOR{}, 0, false
	}
	return AOR{User: key[:i], Domain: key[i+1:]}, binary.BigEndian.Uint64(plain), true
}

// appendParamValue appends the value of a URI parameter, escaped where it has to be (RFC 3261, Section 25.1: paramchar).
func appendParamValue(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.!~*'()[]/:&+$", c) >= 0:
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}
