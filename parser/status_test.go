package parser

import "testing"

// Every status has a reason phrase; one without a name has that of its class.
func TestStatusReason(t *testing.T) {
	for s := Status(100); s < 700; s++ {
		if s.Reason() == "" {
			t.Errorf("%d: no reason", s)
		}
	}
	for s, want := range map[Status]string{0: "", 99: "", 700: "", 100: "Trying", 200: "OK", 299: "OK", 420: "Bad Extension", 481: "Call/Transaction Does Not Exist",
		487: "Request Terminated", 499: "Bad Request", 505: "Version Not Supported", 599: "Server Internal Error", 604: "Does Not Exist Anywhere", 699: "Busy Everywhere"} {
		if got := s.Reason(); got != want {
			t.Errorf("%d: got %q, want %q", s, got, want)
		}
	}
}

func TestStatusClasses(t *testing.T) {
	for s, want := range map[Status][3]bool{0: {}, 99: {}, 100: {true}, 199: {true}, 200: {false, true, true}, 299: {false, true, true},
		300: {false, false, true}, 699: {false, false, true}, 700: {}} {
		if got := [3]bool{s.Provisional(), s.Success(), s.Final()}; got != want {
			t.Errorf("%d: got provisional, success, final %v, want %v", s, got, want)
		}
	}
}
