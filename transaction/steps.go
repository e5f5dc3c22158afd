package transaction

// stepInviteClient is the INVITE client transaction (RFC 3261, Section 17.1.1.2; RFC 6026, Section 8.4 and Figure 5).
func stepInviteClient(s state, e event, reliable bool) (state, actions) {
	switch s {
	case stateNone:
		if e == eventStart {
			return stateCalling, actions{do: doSend, start: (timerA | timerB).on(reliable)}
		}

	case stateCalling:
		stop := (timerA | timerB).on(reliable)
		switch e {
		case event1xx:
			return stateProceeding, actions{do: doTU, start: (timerSafety | timerRefresh).on(reliable), stop: stop}
		case event2xx:
			return stateAccepted, actions{do: doTU, start: timerM, stop: stop}
		case event3xx:
			return completeInvite(stop, reliable)
		case eventTransportError:
			return stateTerminated, actions{do: doTUError}
		case timerB.fired():
			return stateTerminated, actions{do: doTUTimeout}
		case timerA.fired():
			if !reliable {
				return stateCalling, actions{do: doResend, again: timerA}
			}
		}

	case stateProceeding:
		// A transport error is not of this state: nothing is being sent, and the final response may come over a
		// new connection (RFC 3261, Section 18.2.2).
		stop := (timerSafety | timerRefresh).on(reliable)
		switch e {
		case event1xx:
			return stateProceeding, actions{do: doTU, start: timerSafety} // the peer lives: the wait starts anew
		case event2xx:
			return stateAccepted, actions{do: doTU, start: timerM, stop: stop}
		case event3xx:
			return completeInvite(stop, reliable)
		case timerSafety.fired():
			return stateTerminated, actions{do: doTUTimeout}
		case timerRefresh.fired():
			if !reliable {
				return stateProceeding, actions{do: doResend, again: timerRefresh}
			}
		}

	case stateCompleted:
		switch e {
		case event3xx:
			return stateCompleted, actions{do: doResend} // what was sent last is the ACK
		case eventTransportError:
			return stateTerminated, actions{do: doTUError}
		case timerD.fired():
			return stateTerminated, actions{}
		}

	case stateAccepted:
		switch e {
		case event2xx:
			// The user acknowledges each 2xx, a repeated one too (RFC 6026, Section 7.2).
			return stateAccepted, actions{do: doTU}
		case timerM.fired():
			return stateTerminated, actions{}
		}
	}
	return s, actions{}
}

// completeInvite takes the INVITE client to Completed on a 300-699. The ACK goes out whatever the transport.
func completeInvite(stop timers, reliable bool) (state, actions) {
	if reliable {
		return stateTerminated, actions{do: doSendACK | doTU} // timer D is 0
	}
	return stateCompleted, actions{do: doSendACK | doTU, start: timerD, stop: stop}
}

// stepNonInviteClient is the non-INVITE client transaction (RFC 3261, Section 17.1.2.2 and Figure 6).
func stepNonInviteClient(s state, e event, reliable bool) (state, actions) {
	switch s {
	case stateNone:
		if e == eventStart {
			return stateTrying, actions{do: doSend, start: (timerE | timerF).on(reliable)}
		}

	case stateTrying, stateProceeding:
		switch e {
		case event1xx:
			return stateProceeding, actions{do: doTU} // timer E goes on, at T2 from its next firing
		case event2xx, event3xx:
			if reliable {
				return stateTerminated, actions{do: doTU} // timer K is 0
			}
			return stateCompleted, actions{do: doTU, start: timerK, stop: timerE | timerF}
		case eventTransportError:
			return stateTerminated, actions{do: doTUError}
		case timerF.fired():
			return stateTerminated, actions{do: doTUTimeout}
		case timerE.fired():
			if !reliable {
				return s, actions{do: doResend, again: timerE}
			}
		}

	case stateCompleted:
		if e == timerK.fired() {
			return stateTerminated, actions{}
		}
	}
	return s, actions{}
}

// stepInviteServer is the INVITE server transaction (RFC 3261, Section 17.2.1; RFC 6026, Section 8.6 and Figure 7).
func stepInviteServer(s state, e event, reliable bool) (state, actions) {
	switch s {
	case stateNone:
		if e == eventStart {
			return stateProceeding, actions{do: doTU, start: timerGuard | timerSafety}
		}

	case stateProceeding:
		start := (timerG | timerH).on(reliable)
		switch e {
		case eventRequest:
			return stateProceeding, actions{do: doResend}
		case eventTU100, eventTU1xx:
			return stateProceeding, actions{do: doSend, start: timerSafety, stop: timerGuard} // the user lives
		case eventTU2xx:
			return stateAccepted, actions{do: doSend, start: timerL, stop: timerGuard | timerSafety}
		case eventTU3xx:
			return stateCompleted, actions{do: doSend, start: start, stop: timerGuard | timerSafety}
		case eventTransportError:
			return stateProceeding, actions{do: doTUError}
		case timerGuard.fired():
			return stateProceeding, actions{do: doSend100}
		case timerSafety.fired():
			return stateCompleted, actions{do: doSend500 | doTUTimeout, start: start, stop: timerGuard}
		}

	case stateCompleted:
		switch e {
		case eventRequest:
			return stateCompleted, actions{do: doResend}
		case eventACK:
			if reliable {
				return stateTerminated, actions{} // timer I is 0
			}
			return stateConfirmed, actions{start: timerI, stop: timerG | timerH}
		case eventTU100, eventTU1xx, eventTU2xx, eventTU3xx:
			return stateCompleted, actions{do: doRefuse}
		case eventTransportError:
			return stateCompleted, actions{do: doTUError}
		case timerH.fired():
			return stateTerminated, actions{do: doTUTimeout}
		case timerG.fired():
			if !reliable {
				return stateCompleted, actions{do: doResend, again: timerG}
			}
		}

	case stateConfirmed:
		switch e {
		case eventTU100, eventTU1xx, eventTU2xx, eventTU3xx:
			return stateConfirmed, actions{do: doRefuse}
		case timerI.fired():
			return stateTerminated, actions{}
		}

	case stateAccepted:
		switch e {
		case eventACK:
			return stateAccepted, actions{do: doTU}
		case eventTU2xx:
			return stateAccepted, actions{do: doSend}
		case eventTU100, eventTU1xx, eventTU3xx:
			return stateAccepted, actions{do: doRefuse}
		case eventTransportError:
			return stateAccepted, actions{do: doTUError}
		case timerL.fired():
			return stateTerminated, actions{}
		}
	}
	return s, actions{}
}

// stepNonInviteServer is the non-INVITE server transaction (RFC 3261, Section 17.2.2 and Figure 8; RFC 4320, Section 4).
func stepNonInviteServer(s state, e event, reliable bool) (state, actions) {
	switch s {
	case stateNone:
		if e == eventStart {
			return stateTrying, actions{do: doTU, start: timerGuard | timerAbandon}
		}

	case stateTrying:
		switch e {
		case eventTU100:
			if reliable {
				return stateProceeding, actions{do: doSend, stop: timerGuard}
			}
			return stateTrying, actions{do: doRefuse} // timer guard sends it when it does no harm
		case eventTU1xx:
			return stateTrying, actions{do: doRefuse}
		case eventTU2xx, eventTU3xx:
			return completeNonInvite(timerGuard|timerAbandon, reliable)
		case timerGuard.fired():
			return stateProceeding, actions{do: doSend100}
		case timerAbandon.fired():
			return stateTerminated, actions{}
		}

	case stateProceeding:
		switch e {
		case eventRequest:
			return stateProceeding, actions{do: doResend}
		case eventTU100:
			return stateProceeding, actions{do: doSend}
		case eventTU1xx:
			return stateProceeding, actions{do: doRefuse}
		case eventTU2xx, eventTU3xx:
			return completeNonInvite(timerAbandon, reliable)
		case eventTransportError:
			return stateProceeding, actions{do: doTUError}
		case timerAbandon.fired():
			return stateTerminated, actions{}
		}

	case stateCompleted:
		switch e {
		case eventRequest:
			return stateCompleted, actions{do: doResend}
		case eventTransportError:
			return stateCompleted, actions{do: doTUError}
		case timerJ.fired():
			return stateTerminated, actions{}
		}
	}
	return s, actions{}
}

// completeNonInvite takes the non-INVITE server to Completed on the user's final response.
func completeNonInvite(stop timers, reliable bool) (state, actions) {
	if reliable {
		return stateTerminated, actions{do: doSend} // timer J is 0
	}
	return stateCompleted, actions{do: doSend, start: timerJ, stop: stop}
}
