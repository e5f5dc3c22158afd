package capture

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// AppendFileHeader appends what a capture file begins with: classic pcap, times in microseconds, little endian, and
// link type 101, raw IP: each packet begins with its IPv4 or IPv6 header.
func AppendFileHeader(dst []byte) []byte {
	le := binary.LittleEndian
	dst = le.AppendUint32(dst, 0xa1b2c3d4)
	dst = le.AppendUint16(dst, 2) // version 2.4
	dst = le.AppendUint16(dst, 4)
	dst = le.AppendUint32(dst, 0) // times are UTC
	dst = le.AppendUint32(dst, 0)
	dst = le.AppendUint32(dst, maxPacket)
	return le.AppendUint32(dst, 101)
}

// maxPacket is the snapshot length of the file: no packet is longer.
const maxPacket = ipv6Header + maxIP

const (
	ipv4Header = 20
	ipv6Header = 40
	udpHeader  = 8
	tcpHeader  = 20
	maxIP      = 65535 // what the length of an IPv4 packet counts, and of what stands behind the header of IPv6

	protocolTCP = 6
	protocolUDP = 17
)

// Packet is one packet of a capture file. An address that is not known, or is the wildcard of the other family, becomes
// the unspecified address of its peer's family.
type Packet struct {
	Time     time.Time
	From, To netip.AddrPort
	Stream   bool   // TCP; else UDP
	Seq, Ack uint32 // of TCP
	Payload  []byte // what is longer than IP can carry is cut
}

// AppendTo appends p as a record of a capture file: its time and length, the IP header, the UDP or TCP header, the
// payload. Checksums are right.
func (p Packet) AppendTo(dst []byte) []byte {
	from, to := family(p.From.Addr(), p.To.Addr())
	inner, protocol := udpHeader, byte(protocolUDP)
	if p.Stream {
		inner, protocol = tcpHeader, protocolTCP
	}
	header, limit := ipv4Header, maxIP-ipv4Header
	if to.Is6() {
		header, limit = ipv6Header, maxIP
	}
	payload := p.Payload[:min(len(p.Payload), limit-inner)]
	length := inner + len(payload) // below 65,536
	le := binary.LittleEndian
	micros := p.Time.UnixMicro()
	dst = le.AppendUint32(dst, uint32(micros/1e6)) // until 2106, as the format has it
	dst = le.AppendUint32(dst, uint32(micros%1e6))
	dst = le.AppendUint32(dst, uint32(header+length))
	dst = le.AppendUint32(dst, uint32(header+length))
	dst = appendIP(dst, from, to, protocol, length)
	at := len(dst)
	if p.Stream {
		dst = p.appendTCP(dst)
	} else {
		dst = p.appendUDP(dst, length)
	}
	dst = append(dst, payload...)
	sum := checksum(pseudoHeader(from, to, protocol, length), dst[at:])
	field := dst[at+6 : at+8]
	switch {
	case p.Stream:
		field = dst[at+16 : at+18]
	case sum == 0:
		sum = 0xffff // 0 would mean that there is none (RFC 768)
	}
	binary.BigEndian.PutUint16(field, sum)
	return dst
}

// appendUDP appends the header (RFC 768), with 0 as the checksum.
func (p Packet) appendUDP(dst []byte, length int) []byte {
	be := binary.BigEndian
	dst = be.AppendUint16(dst, p.From.Port())
	dst = be.AppendUint16(dst, p.To.Port())
	dst = be.AppendUint16(dst, uint16(length))
	return be.AppendUint16(dst, 0)
}

// appendTCP appends the header of a segment that acknowledges and pushes (RFC 9293, Section 3.1), with 0 as the checksum.
func (p Packet) appendTCP(dst []byte) []byte {
	be := binary.BigEndian
	dst = be.AppendUint16(dst, p.From.Port())
	dst = be.AppendUint16(dst, p.To.Port())
	dst = be.AppendUint32(dst, p.Seq)
	dst = be.AppendUint32(dst, p.Ack)
	const ack, push = 0x10, 0x08
	dst = append(dst, tcpHeader/4<<4, ack|push)
	dst = be.AppendUint16(dst, 0xffff) // window
	dst = be.AppendUint16(dst, 0)
	return be.AppendUint16(dst, 0)
}

// appendIP appends the header of a packet with length octets behind it.
func appendIP(dst []byte, from, to netip.Addr, protocol byte, length int) []byte {
	const hops = 64
	be := binary.BigEndian
	if to.Is6() { // RFC 8200, Section 3
		dst = append(dst, 6<<4, 0, 0, 0)
		dst = be.AppendUint16(dst, uint16(length))
		dst = append(dst, protocol, hops)
		return appendAddrs(dst, from, to)
	}
	at := len(dst) // RFC 791, Section 3.1
	dst = append(dst, 4<<4|ipv4Header/4, 0)
	dst = be.AppendUint16(dst, uint16(ipv4Header+length))
	dst = append(dst, 0, 0, 0x40, 0) // no fragments
	dst = append(dst, hops, protocol, 0, 0)
	dst = appendAddrs(dst, from, to)
	be.PutUint16(dst[at+10:], checksum(0, dst[at:]))
	return dst
}

func appendAddrs(dst []byte, addrs ...netip.Addr) []byte {
	for _, a := range addrs {
		if a.Is4() {
			b := a.As4()
			dst = append(dst, b[:]...)
			continue
		}
		b := a.As16()
		dst = append(dst, b[:]...)
	}
	return dst
}

// pseudoHeader returns the sum of what the checksum covers beside the segment (RFC 8200, Section 8.1).
func pseudoHeader(from, to netip.Addr, protocol byte, length int) uint32 {
	var scratch [2 * 16]byte
	return sum(uint32(protocol)+uint32(length), appendAddrs(scratch[:0], from, to))
}

// checksum returns the Internet checksum of b on top of a sum (RFC 1071).
func checksum(begin uint32, b []byte) uint16 {
	s := sum(begin, b)
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

// sum adds the 16-bit words of b to s: 65,535 octets of them stay below 32 bits.
func sum(s uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

// family returns both addresses in one family and without zones.
func family(from, to netip.Addr) (netip.Addr, netip.Addr) {
	from, to = from.Unmap().WithZone(""), to.Unmap().WithZone("")
	none := netip.IPv4Unspecified()
	if specified6(from) || specified6(to) || from.Is6() && to.Is6() {
		none = netip.IPv6Unspecified()
	}
	if from.BitLen() != none.BitLen() {
		from = none
	}
	if to.BitLen() != none.BitLen() {
		to = none
	}
	return from, to
}

func specified6(a netip.Addr) bool { return a.Is6() && !a.IsUnspecified() }
