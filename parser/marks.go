package parser

// marks says of each octet of a value, of up to 128, what it is: a bit each, the first octet's in the lowest place of the
// first word.
type marks struct {
	odd  [2]uint64 // neither letter, digit, '-' nor '.'
	dot  [2]uint64 // '.'
	dash [2]uint64 // '-'
}

// readMarksGo is readMarks where there is no better one.
func readMarksGo(k *marks, b []byte) {
	for w := 0; 64*w < len(b); w++ {
		var odd, dot, dash uint64
		for i := 0; i < 64; i += 8 {
			x := load8(b, 64*w+i)
			// No sum of two octets below 0x80 is carried: each is compared for itself.
			y := x &^ highs
			fold := y | 0x20*ones
			letter := (fold + (0x80-'a')*ones) &^ (fold + (0x80-'z'-1)*ones)
			number := (y + (0x80-'0')*ones) &^ (y + (0x80-'9'-1)*ones)
			sep := (y + (0x80-'-')*ones) &^ (y + (0x80-'.'-1)*ones) &^ x & highs
			dots := sep &^ (y << 7) // of the two, '.' is the even one
			odd |= gather(((letter|number)&^x&highs|sep)^highs) << i
			dot |= gather(dots) << i
			dash |= gather(sep^dots) << i
		}
		k.odd[w], k.dot[w], k.dash[w] = odd, dot, dash
	}
}

// lines64Go is lines64 where there is no better one.
func lines64Go(p *[64]byte) (control, colon uint64) {
	for k := 0; k < 64; k += 8 {
		x := load8(p[:], k)
		y := x &^ highs
		low := ^(y + (0x80-0x20)*ones) | (y + ones) // below 0x20, or 0x7F
		z := y ^ ':'*ones
		same := ^(z + 0x7F*ones) // zero
		control |= gather(low&^x&highs) << k
		colon |= gather(same&^x&highs) << k
	}
	return control, colon
}

// gather returns the high bits of the octets of x, which has no other bits, as the lowest eight bits.
func gather(x uint64) uint64 { return x * 0x0002040810204081 >> 56 }

// copyTextGo is copyText where there is no better one: eight octets at a time, the last ones once more when they are not eight.
func copyTextGo[T []byte | string](dst []byte, s T) bool {
	hit := uint64(0)
	for i := 0; ; i += 8 {
		i = min(i, len(s)-8)
		x := word8(s, i)
		hit |= controls(x)
		put8(dst, i, x)
		if i == len(s)-8 {
			return hit != 0
		}
	}
}
