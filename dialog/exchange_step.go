package dialog

// Step tells x that side from sends the message c, with a session description or without. Bodies of other kinds are none. A
// verdict from VerdictRefuse on changes nothing: a message of ours is not to be sent, one of the peer's is refused.
//
// Missing answers are forgiven: a 2xx, PRACK or ACK without one closes the exchange, and the session is what it was.
func (x *Exchange) Step(from Side, c Carrier, described bool) Verdict {
	next, v := x.step(from, c, described)
	*x = next
	return v
}

// step is the table: RFC 3261, Sections 13.2.1 and 14; RFC 3262, Section 5; RFC 3311, Section 5.
func (x Exchange) step(from Side, c Carrier, described bool) (Exchange, Verdict) {
	switch c {
	case CarryInvite:
		return x.stepInvite(from, described)
	case CarryReliable:
		return x.stepReliable(from, described)
	case CarrySuccess:
		return x.stepSuccess(from, described)
	case CarryAck:
		return x.stepAck(from, described)
	case CarryRefusal:
		return x.refused(x.invite, CarryInvite, CarryReliable, CarrySuccess, CarryPrack)
	case CarryPrack:
		return x.stepPrack(from, described)
	case CarryPrackSuccess:
		return x.answered(from, CarryPrack, described)
	case CarryPrackRefusal:
		return x.refused(0, CarryPrack)
	case CarryUpdate:
		return x.stepUpdate(from, described)
	case CarryUpdateSuccess:
		return x.answered(from, CarryUpdate, described)
	case CarryUpdateRefusal:
		if x.by == from { // whoever refuses is the other side
			return x, VerdictNone
		}
		return x.refused(0, CarryUpdate)
	}
	return x, VerdictNone
}

// illegal is the verdict on an offer by side from that meets an open one, or an INVITE.
func (x Exchange) illegal(from Side) Verdict {
	switch {
	case from == Local:
		return VerdictRefuse
	case x.by == Local, x.by == 0 && x.invite == Local:
		return VerdictPending
	}
	return VerdictLater
}

// unwanted is the verdict on a description that is no offer and no answer.
func unwanted(from Side) Verdict {
	if from == Local {
		return VerdictRefuse
	}
	return VerdictIgnore
}

// no is a message that has no part in the exchange, with a description or without.
func (x Exchange) no(from Side, described bool) (Exchange, Verdict) {
	if described {
		return x, unwanted(from)
	}
	return x, VerdictNone
}

func (x Exchange) stepInvite(from Side, described bool) (Exchange, Verdict) {
	if x.invite != 0 || x.by != 0 {
		return x, x.illegal(from)
	}
	x.invite = from
	if !described {
		x.bare = true // the other side makes the offer (RFC 3261, Section 14.2)
		return x, VerdictNone
	}
	x.by, x.in = from, CarryInvite
	return x, VerdictOffer
}

func (x Exchange) stepReliable(from Side, described bool) (Exchange, Verdict) {
	switch {
	case !described || x.invite == 0 || from == x.invite:
		return x.no(from, described)
	case x.in == CarryInvite:
		x.held = true
		return x.close(true), VerdictAnswer
	case x.bare:
		x.bare, x.by, x.in = false, from, CarryReliable
		return x, VerdictOffer
	}
	return x, unwanted(from)
}

func (x Exchange) stepSuccess(from Side, described bool) (Exchange, Verdict) {
	switch {
	case x.invite == 0 || from == x.invite || x.in == CarrySuccess: // the last when it comes again
		return x.no(from, described)
	case x.bare && described:
		x.bare, x.by, x.in = false, from, CarrySuccess
		return x, VerdictOffer
	case x.in == CarryInvite:
		x.invite = 0
		if described {
			return x.close(true), VerdictAnswer
		}
		return x.close(false), VerdictNone
	case from == Local && (x.held || x.by != 0 || described):
		// A 2xx waits for the PRACK to a reliable 1xx that was part of the exchange (RFC 3262, Section 3), and for what is open
		// beside it; and what was answered is not answered again.
		return x, VerdictRefuse
	}
	if x.in == CarryReliable || x.in == CarryPrack {
		x = x.close(false)
	}
	x.invite, x.bare, x.held = 0, false, false
	return x.no(from, described)
}

func (x Exchange) stepAck(from Side, described bool) (Exchange, Verdict) {
	switch {
	case x.in == CarrySuccess && from == x.invite:
		x.invite = 0
		if described {
			return x.close(true), VerdictAnswer
		}
		return x.close(false), VerdictNone
	}
	return x.no(from, described)
}

func (x Exchange) stepPrack(from Side, described bool) (Exchange, Verdict) {
	switch {
	case from != x.invite:
		return x.no(from, described)
	case x.in == CarryReliable:
		return x.close(described), x.prackAnswers(described)
	case !described:
		x.held = false
		return x, VerdictNone
	case x.by != 0:
		return x, x.illegal(from)
	case x.bare && from == Local:
		return x, VerdictRefuse
	case x.bare: // the first offer of this INVITE is the other side's to make
		return x, VerdictIllegal
	}
	x.held, x.by, x.in = false, from, CarryPrack
	return x, VerdictOffer
}

func (x Exchange) prackAnswers(described bool) Verdict {
	if described {
		return VerdictAnswer
	}
	return VerdictNone
}

func (x Exchange) stepUpdate(from Side, described bool) (Exchange, Verdict) {
	switch {
	case !described:
		return x, VerdictNone
	case x.by != 0 || x.bare || x.held: // the last: not before the PRACK (RFC 3311, Section 5.1)
		return x, x.illegal(from)
	}
	x.by, x.in = from, CarryUpdate
	return x, VerdictOffer
}

// answered is a 2xx to a request of the other side that carried an offer, or did not.
func (x Exchange) answered(from Side, c Carrier, described bool) (Exchange, Verdict) {
	switch {
	case x.in == c && x.by == from.other() && described:
		return x.close(true), VerdictAnswer
	case x.in == c && x.by == from.other():
		return x.close(false), VerdictNone
	}
	return x.no(from, described)
}

// refused rolls an open offer back if it went in one of the carriers, and ends the INVITE of side invite, if there is one.
func (x Exchange) refused(invite Side, in ...Carrier) (Exchange, Verdict) {
	if invite != 0 {
		x.invite, x.bare, x.held = 0, false, false
	}
	for _, c := range in {
		if x.in == c {
			return x.close(false), VerdictRollBack
		}
	}
	return x, VerdictNone
}

// close ends the open offer; agreed says that there was an answer.
func (x Exchange) close(agreed bool) Exchange {
	x.agreed = x.agreed || agreed
	x.by, x.in = 0, 0
	return x
}
