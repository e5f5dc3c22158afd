package parser

// quality reads the value of a q parameter in thousandths. Without the parameter it is 1000, the highest.
func quality(v []byte, present bool) (int, error) {
	if !present {
		return 1000, nil
	}
	if len(v) == 0 || len(v) > 5 || v[0] != '0' && v[0] != '1' || len(v) > 1 && v[1] != '.' {
		return 0, errQuality
	}
	q := int(v[0]-'0') * 1000
	unit := 100
	for _, c := range v[min(2, len(v)):] {
		if !is(c, digit) {
			return 0, errQuality
		}
		q += int(c-'0') * unit
		unit /= 10
	}
	if q > 1000 {
		return 0, errQuality
	}
	return q, nil
}

// Q returns the q parameter in thousandths, 0 to 1000, and 1000 when there is none. The error is an [Error]: a qvalue
// is 0 to 1 with three decimals at most (RFC 3261, Section 25.1).
func (t Item) Q() (int, error) { return quality(t.Param("q")) }

// Q returns the q parameter of a Contact in thousandths, 0 to 1000, and 1000 when there is none. The error is an
// [Error]: a qvalue is 0 to 1 with three decimals at most (RFC 3261, Section 25.1).
func (a NameAddr) Q() (int, error) { return quality(a.Param("q")) }

// Q returns the q parameter of an Accept value in thousandths, 0 to 1000, and 1000 when there is none. The error is an
// [Error]: a qvalue is 0 to 1 with three decimals at most (RFC 3261, Section 25.1).
func (t MediaType) Q() (int, error) { return quality(t.Param("q")) }
