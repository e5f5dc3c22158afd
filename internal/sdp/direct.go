package sdp

import "bytes"

// The directions of a stream (RFC 3264, Section 5.1).
const (
	SendRecv = "sendrecv"
	SendOnly = "sendonly"
	RecvOnly = "recvonly"
	Inactive = "inactive"
)

// Direct returns last with another direction for each of its streams, and a version one higher: an offer that holds or resumes (RFC 3264, Section
// 8.4). last must be from Offer, Answer, Again or Direct; it is neither kept nor written.
func Direct(last []byte, direction string) ([]byte, error) {
	b := make([]byte, 0, len(last)+len("sendrecv"))
	for line := range bytes.Lines(last) {
		switch string(bytes.TrimRight(line, "\r\n")) {
		case "a=" + SendRecv, "a=" + SendOnly, "a=" + RecvOnly, "a=" + Inactive:
			b = append(append(append(b, "a="...), direction...), "\r\n"...)
		default:
			b = append(b, line...)
		}
	}
	return bump(b)
}
