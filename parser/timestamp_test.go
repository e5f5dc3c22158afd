package parser

import (
	"fmt"
	"testing"
)

func TestTimestamp(t *testing.T) {
	show := func(v Timestamp) string { return fmt.Sprintf("%s %s %v", v.Time, v.Delay, v.Delay == nil) }
	testValues(t, HeaderTimestamp, (*Message).Timestamp, show, []valueRow{
		{"number", "54", "54  true", "", 0},
		{"fraction", "54.21", "54.21  true", "", 0},
		{"dot only", "54.", "54.  true", "", 0},
		{"delay", "54.0 1.5", "54.0 1.5 false", "", 0},
		{"delay without digits", "54 .5", "54 .5 false", "", 0},
		{"folded", "54\r\n 1", "54 1 false", "54 1", 0},
		{"huge", "99999999999999999999.99999999999999999999", "99999999999999999999.99999999999999999999  true", "", 0},
		{"empty", "", "", "", errNumber},
		{"dot first", ".5", "", "", errNumber},
		{"text", "now", "", "", errNumber},
		{"negative", "-1", "", "", errNumber},
		{"text behind", "5x", "", "", errNumber},
		{"third number", "5 6 7", "", "", errNumber},
		{"text as a delay", "5 x", "", "", errNumber},
	})
}
