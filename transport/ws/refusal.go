package ws

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// Refusal is an HTTP answer to an opening handshake other than 101: what a server sends, and what a client got. It is an error, and an http.Handler
// that answers with itself. Nothing changes it.
type Refusal struct {
	Status int         // of HTTP
	Header http.Header // such as WWW-Authenticate of a 401, Location of a 302; may be nil
	Reason string      // why, in plain words: the body of what a server sends, the reason phrase of what a client got
}

func (r *Refusal) Error() string {
	s := "handshake answered with " + strconv.Itoa(r.Status)
	if name := http.StatusText(r.Status); name != "" {
		s += " " + name
	}
	if r.Reason != "" && r.Reason != http.StatusText(r.Status) {
		s += ": " + strconv.Quote(r.Reason) // a peer's may hold anything
	}
	return s
}

// AppendTo appends the whole response, for a connection that is closed behind it.
func (r *Refusal) AppendTo(dst []byte) []byte {
	b := bytes.NewBuffer(dst)
	fmt.Fprintf(b, "HTTP/1.1 %03d %s\r\n", r.Status, http.StatusText(r.Status))
	h := r.fields()
	h.Set("Connection", "close")
	h.Set("Content-Length", strconv.Itoa(len(r.body())))
	_ = h.Write(b) // a Buffer takes everything
	fmt.Fprintf(b, "\r\n%s", r.body())
	return b.Bytes()
}

// ServeHTTP answers with r.
func (r *Refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	maps.Copy(w.Header(), r.fields())
	w.WriteHeader(r.Status)
	_, _ = w.Write([]byte(r.body()))
}

// fields returns the header fields that do not depend on who sends them.
func (r *Refusal) fields() http.Header {
	h := r.Header.Clone()
	if h == nil {
		h = make(http.Header)
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	return h
}

func (r *Refusal) body() string { return r.Reason + "\n" }
