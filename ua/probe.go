package ua

import (
	"context"
	"errors"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Probe asks by OPTIONS whether a peer is there, and returns how long it took to answer. Any answer shows that it is, a refusal too (RFC 3261,
// Section 11.2: it shows "the basic state of a UAS"), but for one that somebody else gives for it, or that says that it takes nothing:
// 408, 430, 480, 502, 503 and 504 are errors, *ResponseError. So are a timeout (64*T1 if ctx does not end before), what
// the transport says, and ctx's end. For the peer of a call see Call.Options.
func (a *Agent) Probe(ctx context.Context, to string, opts *RequestOptions) (time.Duration, error) {
	begun := time.Now()
	_, err := a.Options(ctx, to, opts)
	var refused *ResponseError
	if err != nil && (!errors.As(err, &refused) || absent(refused.Status)) {
		return 0, err
	}
	return time.Since(begun), nil
}

// absent reports whether a status says that the one who was asked is not there.
func absent(s parser.Status) bool {
	switch s {
	case parser.StatusRequestTimeout, parser.StatusFlowFailed, parser.StatusTemporarilyUnavailable, parser.StatusBadGateway,
		parser.StatusServiceUnavailable, parser.StatusServerTimeOut:
		return true
	}
	return false
}
