package parser

import (
	"fmt"
	"testing"
)

func showEvent(e Event) string { return fmt.Sprintf("%s %q %v", e.Type, e.ID, e.ID == nil) }

// Event is a package with templates, and an id (RFC 6665, Section 8.4).
func TestEvent(t *testing.T) {
	testValues(t, HeaderEvent, (*Message).Event, showEvent, []valueRow{
		{"package", "conference", `conference "" true`, "", 0},
		{"template", "presence.winfo", `presence.winfo "" true`, "", 0},
		{"id", "refer;id=93809823", `refer "93809823" false`, "", 0},
		{"package parameter", `dialog;call-id="a@b";ID=1`, `dialog "1" false`, "dialog;id=1", 0},
		{"case", "Conference", `Conference "" true`, "", 0},
		{"empty", "", "", "", errEmpty},
		{"no token", "a b", "", "", errTrailing},
		{"dot at the end", "presence.", "", "", errToken},
		{"dot first", ".winfo", "", "", errToken},
		{"two dots", "presence..winfo", "", "", errToken},
		{"id without a value", "refer;id", "", "", errParamValue},
		{"quoted id", `refer;id="1"`, "", "", errParamValue},
		{"two ids", "refer;id=1;id=1", "", "", errParamTwice},
		{"list in a single", "presence, dialog", "", "", errTrailing},
	})
}

// Events match octet by octet, and no id is an id of its own (RFC 6665, Section 8.2.1).
func TestEventEqual(t *testing.T) {
	events := []Event{{[]byte("refer"), nil}, {[]byte("refer"), []byte{}}, {[]byte("refer"), []byte("1")}, {[]byte("refer"), []byte("2")}, {[]byte("Refer"), nil}, {[]byte("dialog"), nil}}
	for i, e := range events {
		for j, f := range events {
			if got := e.Equal(f); got != (i == j) {
				t.Errorf("%s and %s: got %v", showEvent(e), showEvent(f), got)
			}
		}
	}
}

// Subscription-State says how long, or why no more (RFC 6665, Section 8.2.3).
func TestSubscriptionState(t *testing.T) {
	show := func(s SubscriptionState) string {
		return fmt.Sprintf("%s %q %d %v %d %v", s.State, s.Reason, s.Expires, s.HasExpires, s.RetryAfter, s.HasRetryAfter)
	}
	testValues(t, HeaderSubscriptionState, (*Message).SubscriptionState, show, []valueRow{
		{"active", "active;expires=60", `active "" 60 true 0 false`, "", 0},
		{"no time left", "pending;expires=0", `pending "" 0 true 0 false`, "", 0},
		{"terminated", "terminated;reason=probation;retry-after=30", `terminated "probation" 0 false 30 true`, "", 0},
		{"at once", "terminated;retry-after=0", `terminated "" 0 false 0 true`, "", 0},
		{"case and order", "Active;Retry-After=1;x=y;EXPIRES=2;Reason=Foo", `Active "Foo" 2 true 1 true`, "Active;reason=Foo;expires=2;retry-after=1", 0},
		{"state that nobody knows", "waiting", `waiting "" 0 false 0 false`, "", 0},
		{"large", "active;expires=99999999999", fmt.Sprintf(`active "" %d true 0 false`, maxSeconds), fmt.Sprintf("active;expires=%d", maxSeconds), 0},
		{"empty", "", "", "", errEmpty},
		{"no state", ";expires=1", "", "", errToken},
		{"bad expires", "active;expires=x", "", "", errNumber},
		{"expires without a value", "active;expires", "", "", errNumber},
		{"negative", "active;expires=-1", "", "", errNumber},
		{"bad retry-after", "terminated;retry-after=1s", "", "", errNumber},
		{"bad reason", `terminated;reason="x"`, "", "", errParamValue},
		{"twice", "active;expires=1;expires=2", "", "", errParamTwice},
		{"list in a single", "active, pending", "", "", errTrailing},
	})
}
