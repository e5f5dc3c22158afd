package auth

// answered is how far one request has come with a realm.
type answered uint8

const (
	notAnswered answered = iota // it went without credentials for the realm
	fromBefore                  // it went with those that an earlier request had success with
	inAnswer                    // it went with the answer to a challenge
	afterStale                  // and with another one, because the nonce was stale
)

var answeredNames = [...]string{"no", "from before", "in answer", "after stale"}

// decision is what becomes of a realm's challenge.
type decision uint8

const (
	decideAnswer decision = iota // with what the application says
	decideAgain                  // with the same credentials and the new nonce
	decideReject                 // the credentials are wrong
	decideNone                   // there are no credentials
	decideIgnore                 // nothing in it is known here
)

var decisionNames = [...]string{"answer", "again", "rejected", "no credentials", "unsupported"}

// decide says what to do about the challenges of one realm in a response. usable: one of them is known here; stale: it says that the
// nonce alone is to blame; credentials: the application has some.
//
// Credentials that were refused are not sent again (RFC 3261, Section 22.1), with two exceptions, each of them once: the server says that the
// nonce was stale, or they had success before, and a server that has forgotten its nonces need not remember to say so.
func decide(a answered, stale, usable, credentials bool) decision {
	switch {
	case !usable:
		return decideIgnore
	case stale && (a == fromBefore || a == inAnswer):
		return decideAgain
	case a == inAnswer, a == afterStale:
		return decideReject
	case !credentials:
		return decideNone
	}
	return decideAnswer
}

// next is how far the request has come when a decision to send credentials was carried out.
func (a answered) next(d decision) answered {
	if d == decideAgain {
		return afterStale
	}
	return inAnswer
}
