package resolver

import (
	"cmp"
	"slices"
)

// ordered returns the records of one service in the order in which they are tried: by priority, and by chance in proportion to their
// weights among those of one priority (RFC 2782). intn returns a number from 0 to n-1.
func ordered(records []SRV, intn func(n int) int) []SRV {
	rest := slices.Clone(records)
	// "all those with weight 0 are placed at the beginning of the list": they are chosen by the number 0 alone.
	slices.SortStableFunc(rest, func(a, b SRV) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(min(a.Weight, 1), min(b.Weight, 1)))
	})
	for i := range rest {
		k := i + chosen(rest[i:], intn)
		s := rest[k]
		copy(rest[i+1:k+1], rest[i:k]) // the others keep their order
		rest[i] = s
	}
	return rest
}

// chosen returns the index of the record that is tried next, of those with the first one's priority.
func chosen(rest []SRV, intn func(n int) int) int {
	same, sum := 0, 0
	for same < len(rest) && rest[same].Priority == rest[0].Priority {
		sum += int(rest[same].Weight)
		same++
	}
	if same == 1 {
		return 0
	}
	if sum == 0 { // nothing to weigh: any of them
		return intn(same)
	}
	// "choose a uniform random number between 0 and the sum computed (inclusive), and select the RR whose running sum value is the
	// first in the selected order which is greater than or equal to the random number selected".
	number, running := intn(sum+1), 0
	for i := range same {
		running += int(rest[i].Weight)
		if running >= number {
			return i
		}
	}
	return same - 1
}

// unavailable reports whether the records say that the service is not there: "A Target of "." means that the service is decidedly not
// available at this domain" (RFC 2782).
func unavailable(records []SRV) bool { return len(records) > 0 && len(usable(records)) == 0 }

// usable returns the records that name a host.
func usable(records []SRV) []SRV {
	return slices.DeleteFunc(slices.Clone(records), func(s SRV) bool { return key(s.Target) == "" || s.Port == 0 })
}
