package parser

import (
	"fmt"
	"testing"
)

// What all three headers refuse: a dialog has two tags.
func malformedDialogs(local, remote string) []valueRow {
	return []valueRow{
		{"no tags", "98732@sip.example.com", "", "", errDialogTags},
		{"one tag", "98732@sip.example.com;" + local + "=1", "", "", errDialogTags},
		{"the other tag", "98732@sip.example.com;" + remote + "=1", "", "", errDialogTags},
		{"two of one", "a@b;" + local + "=1;" + remote + "=2;" + local + "=1", "", "", errParamTwice},
		{"empty tag", "a@b;" + local + "=;" + remote + "=2", "", "", errParamValue},
		{"tag without a value", "a@b;" + local + ";" + remote + "=2", "", "", errParamValue},
		{"other tag quoted", "a@b;" + local + "=1;" + remote + `="2"`, "", "", errParamValue},
		{"no Call-ID", ";" + local + "=1;" + remote + "=2", "", "", errEmpty},
		{"bad Call-ID", "a@b@c;" + local + "=1;" + remote + "=2", "", "", errCallID},
		{"empty", "", "", "", errEmpty},
		{"list in a single", "a@b;" + local + "=1;" + remote + "=2, c@d;" + local + "=1;" + remote + "=2", "", "", errTrailing},
	}
}

func TestReplaces(t *testing.T) {
	show := func(r Replaces) string { return fmt.Sprintf("%s %s %s %v", r.CallID, r.ToTag, r.FromTag, r.EarlyOnly) }
	testValues(t, HeaderReplaces, (*Message).Replaces, show, append(malformedDialogs("to-tag", "from-tag"), []valueRow{
		{"order", "425928@phone.example.org;to-tag=7743;from-tag=6472", "425928@phone.example.org 7743 6472 false", "", 0},
		{"other order, folded", "98732@sip.example.com\r\n ;from-tag=r33th4x0r\r\n ;to-tag=ff87ff", "98732@sip.example.com ff87ff r33th4x0r false",
			"98732@sip.example.com;to-tag=ff87ff;from-tag=r33th4x0r", 0},
		{"early", "12adf2f34456gs5;To-Tag=12345;from-tag=54321;Early-Only", "12adf2f34456gs5 12345 54321 true",
			"12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only", 0},
		{"odd Call-ID", `a"b<c>:d@[::1];to-tag=0;from-tag=0;x=y`, `a"b<c>:d@[::1] 0 0 false`, `a"b<c>:d@[::1];to-tag=0;from-tag=0`, 0},
	}...))
}

func TestJoin(t *testing.T) {
	show := func(j Join) string { return fmt.Sprintf("%s %s %s", j.CallID, j.ToTag, j.FromTag) }
	testValues(t, HeaderJoin, (*Message).Join, show, append(malformedDialogs("to-tag", "from-tag"), []valueRow{
		{"all", "12adf2f34456gs5;to-tag=12345;from-tag=54321", "12adf2f34456gs5 12345 54321", "", 0},
	}...))
}

func TestTargetDialog(t *testing.T) {
	show := func(d TargetDialog) string { return fmt.Sprintf("%s %s %s", d.CallID, d.LocalTag, d.RemoteTag) }
	testValues(t, HeaderTargetDialog, (*Message).TargetDialog, show, append(malformedDialogs("local-tag", "remote-tag"), []valueRow{
		{"all", "fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6544", "fa77as7dad8-sd98ajzz@host.example.com kkaz- 6544", "", 0},
		{"tags of Replaces", "a@b;to-tag=1;from-tag=2", "", "", errDialogTags},
	}...))
}
