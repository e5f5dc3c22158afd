package parser

import (
	"strings"
	"time"
)

const (
	dateLayout = "Mon, 02 Jan 2006 15:04:05 GMT"
	weekdays   = "MonTueWedThuFriSatSun"
	months     = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// Date returns the Date value, in UTC. It has one layout, is case-sensitive, and knows no zone but GMT (RFC 3261,
// Section 20.17). Whether the name of the weekday is right is not looked at. The error is an [Error].
func (m *Message) Date() (time.Time, error) { return one(m, HeaderDate, readDate) }

// AppendDate appends t as a Date value to dst. The year has four digits.
func AppendDate(dst []byte, t time.Time) []byte { return t.UTC().AppendFormat(dst, dateLayout) }

func readDate(b []byte, _ Header) (time.Time, Error) {
	if len(b) != len(dateLayout) {
		return time.Time{}, errDate
	}
	// The constant octets of the layout; at a 0 stands a digit, at an x a letter of a name.
	const form = "xxx, 00 xxx 0000 00:00:00 GMT"
	for i, c := range b {
		switch form[i] {
		case 'x':
		case '0':
			if !is(c, digit) {
				return time.Time{}, errDate
			}
		default:
			if c != form[i] {
				return time.Time{}, errDate
			}
		}
	}
	two := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	month, day, year := nameAt(months, b[8:11]), two(5), two(12)*100+two(14)
	hour, minute, second := two(17), two(20), two(23)
	if nameAt(weekdays, b[:3]) == 0 || month == 0 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, errDate
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day { // 31 Feb would be a day in March
		return time.Time{}, errDate
	}
	return t, 0
}

// nameAt returns which of the names of three letters in names is b, from 1 on, 0 when none is.
func nameAt(names string, b []byte) int {
	i := strings.Index(names, string(b))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return i/3 + 1
}
