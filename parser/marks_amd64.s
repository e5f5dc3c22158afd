//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Thirty-two octets each: for registers of sixteen the first half does.
DATA fold<>+0(SB)/8, $0x2020202020202020
DATA fold<>+8(SB)/8, $0x2020202020202020
DATA fold<>+16(SB)/8, $0x2020202020202020
DATA fold<>+24(SB)/8, $0x2020202020202020
GLOBL fold<>(SB), RODATA|NOPTR, $32
DATA aboveZ<>+0(SB)/8, $0x0505050505050505 // 0x7F - 'z'
DATA aboveZ<>+8(SB)/8, $0x0505050505050505
DATA aboveZ<>+16(SB)/8, $0x0505050505050505
DATA aboveZ<>+24(SB)/8, $0x0505050505050505
GLOBL aboveZ<>(SB), RODATA|NOPTR, $32
DATA letters<>+0(SB)/8, $0x6565656565656565 // 0x7F - 26
DATA letters<>+8(SB)/8, $0x6565656565656565
DATA letters<>+16(SB)/8, $0x6565656565656565
DATA letters<>+24(SB)/8, $0x6565656565656565
GLOBL letters<>(SB), RODATA|NOPTR, $32
DATA above9<>+0(SB)/8, $0x4646464646464646 // 0x7F - '9'
DATA above9<>+8(SB)/8, $0x4646464646464646
DATA above9<>+16(SB)/8, $0x4646464646464646
DATA above9<>+24(SB)/8, $0x4646464646464646
GLOBL above9<>(SB), RODATA|NOPTR, $32
DATA digits<>+0(SB)/8, $0x7575757575757575 // 0x7F - 10
DATA digits<>+8(SB)/8, $0x7575757575757575
DATA digits<>+16(SB)/8, $0x7575757575757575
DATA digits<>+24(SB)/8, $0x7575757575757575
GLOBL digits<>(SB), RODATA|NOPTR, $32
DATA dots<>+0(SB)/8, $0x2e2e2e2e2e2e2e2e
DATA dots<>+8(SB)/8, $0x2e2e2e2e2e2e2e2e
DATA dots<>+16(SB)/8, $0x2e2e2e2e2e2e2e2e
DATA dots<>+24(SB)/8, $0x2e2e2e2e2e2e2e2e
GLOBL dots<>(SB), RODATA|NOPTR, $32
DATA dashes<>+0(SB)/8, $0x2d2d2d2d2d2d2d2d
DATA dashes<>+8(SB)/8, $0x2d2d2d2d2d2d2d2d
DATA dashes<>+16(SB)/8, $0x2d2d2d2d2d2d2d2d
DATA dashes<>+24(SB)/8, $0x2d2d2d2d2d2d2d2d
GLOBL dashes<>(SB), RODATA|NOPTR, $32
DATA spaces<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA spaces<>+8(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA spaces<>+16(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA spaces<>+24(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL spaces<>(SB), RODATA|NOPTR, $32
DATA deletes<>+0(SB)/8, $0x7f7f7f7f7f7f7f7f
DATA deletes<>+8(SB)/8, $0x7f7f7f7f7f7f7f7f
DATA deletes<>+16(SB)/8, $0x7f7f7f7f7f7f7f7f
DATA deletes<>+24(SB)/8, $0x7f7f7f7f7f7f7f7f
GLOBL deletes<>(SB), RODATA|NOPTR, $32
DATA colons<>+0(SB)/8, $0x3a3a3a3a3a3a3a3a
DATA colons<>+8(SB)/8, $0x3a3a3a3a3a3a3a3a
DATA colons<>+16(SB)/8, $0x3a3a3a3a3a3a3a3a
DATA colons<>+24(SB)/8, $0x3a3a3a3a3a3a3a3a
GLOBL colons<>(SB), RODATA|NOPTR, $32

// MARKS reads sixteen octets at off(SI). It leaves in three registers a bit for each: plain, dot and dash.
// An octet is in a range of n up to z when it is, moved up so that z is 0x7F, above 0x7F-n, with its sign: what was
// above z is negative.
#define MARKS(off, plain, dot, dash) \
	MOVOU   off(SI), X0 \
	MOVO    X0, X1      \
	POR     X8, X1      \
	PADDB   X9, X1      \
	PCMPGTB X10, X1     \
	MOVO    X0, X2      \
	PADDB   X11, X2     \
	PCMPGTB X12, X2     \
	POR     X2, X1      \
	MOVO    X0, X3      \
	PCMPEQB X13, X3     \
	PMOVMSKB X3, dot    \
	POR     X3, X1      \
	PCMPEQB X14, X0     \
	PMOVMSKB X0, dash   \
	POR     X0, X1      \
	PMOVMSKB X1, plain

// BLOCK adds to the words in AX, BX and CX the sixteen bits each of the octets at off(SI).
#define BLOCK(off) \
	MARKS(off, R8, R9, R10) \
	SHLQ $16, AX \
	SHLQ $16, BX \
	SHLQ $16, CX \
	ORQ  R8, AX \
	ORQ  R9, BX \
	ORQ  R10, CX

// WIDEMARKS is MARKS for thirty-two octets.
#define WIDEMARKS(off, plain, dot, dash) \
	VMOVDQU   off(SI), Y0           \
	VPOR      fold<>(SB), Y0, Y1    \
	VPADDB    aboveZ<>(SB), Y1, Y1  \
	VPCMPGTB  letters<>(SB), Y1, Y1 \
	VPADDB    above9<>(SB), Y0, Y2  \
	VPCMPGTB  digits<>(SB), Y2, Y2  \
	VPOR      Y2, Y1, Y1            \
	VPCMPEQB  dots<>(SB), Y0, Y2    \
	VPCMPEQB  dashes<>(SB), Y0, Y3  \
	VPMOVMSKB Y2, dot               \
	VPMOVMSKB Y3, dash              \
	VPOR      Y2, Y1, Y1            \
	VPOR      Y3, Y1, Y1            \
	VPMOVMSKB Y1, plain

// func readMarks(k *marks, b []byte)
TEXT ·readMarks(SB), NOSPLIT, $0-32
	MOVQ k+0(FP), DI
	MOVQ b_base+8(FP), SI
	MOVQ b_len+16(FP), DX
	CMPB ·avx2(SB), $0
	JEQ  narrow
wide:
	WIDEMARKS(32, AX, BX, CX)
	WIDEMARKS(0, R8, R9, R10)
	SHLQ $32, AX
	SHLQ $32, BX
	SHLQ $32, CX
	ORQ  R8, AX
	ORQ  R9, BX
	ORQ  R10, CX
	NOTQ AX
	MOVQ AX, marks_odd(DI)
	MOVQ BX, marks_dot(DI)
	MOVQ CX, marks_dash(DI)
	ADDQ $8, DI
	ADDQ $64, SI
	SUBQ $64, DX
	JGT  wide
	VZEROUPPER
	RET
narrow:
	MOVOU fold<>(SB), X8
	MOVOU aboveZ<>(SB), X9
	MOVOU letters<>(SB), X10
	MOVOU above9<>(SB), X11
	MOVOU digits<>(SB), X12
	MOVOU dots<>(SB), X13
	MOVOU dashes<>(SB), X14
next:
	MARKS(48, AX, BX, CX)
	BLOCK(32)
	BLOCK(16)
	BLOCK(0)
	NOTQ AX
	MOVQ AX, marks_odd(DI)
	MOVQ BX, marks_dot(DI)
	MOVQ CX, marks_dash(DI)
	ADDQ $8, DI
	ADDQ $64, SI
	SUBQ $64, DX
	JGT  next
	RET

#define LINES(off, control, colon) \
	MOVOU   off(SI), X0 \
	MOVO    X0, X1      \
	PMINUB  X8, X1      \
	PCMPEQB X0, X1      \
	MOVO    X0, X2      \
	PCMPEQB X9, X2      \
	POR     X2, X1      \
	PCMPEQB X10, X0     \
	PMOVMSKB X1, control \
	PMOVMSKB X0, colon

// WIDELINES is LINES for thirty-two octets.
#define WIDELINES(off, control, colon) \
	VMOVDQU   off(SI), Y0          \
	VPMINUB   spaces<>(SB), Y0, Y1 \
	VPCMPEQB  Y0, Y1, Y1           \
	VPCMPEQB  deletes<>(SB), Y0, Y2 \
	VPOR      Y2, Y1, Y1           \
	VPCMPEQB  colons<>(SB), Y0, Y0 \
	VPMOVMSKB Y1, control          \
	VPMOVMSKB Y0, colon

// func lines64(p *[64]byte) (control, colon uint64)
TEXT ·lines64(SB), NOSPLIT, $0-24
	MOVQ p+0(FP), SI
	CMPB ·avx2(SB), $0
	JEQ  narrow
	WIDELINES(32, AX, BX)
	WIDELINES(0, R8, R9)
	SHLQ $32, AX
	SHLQ $32, BX
	ORQ  R8, AX
	ORQ  R9, BX
	MOVQ AX, control+8(FP)
	MOVQ BX, colon+16(FP)
	VZEROUPPER
	RET
narrow:
	MOVOU spaces<>(SB), X8
	MOVOU deletes<>(SB), X9
	MOVOU colons<>(SB), X10
	LINES(48, AX, BX)
	LINES(32, R8, R9)
	SHLQ $16, AX
	SHLQ $16, BX
	ORQ  R8, AX
	ORQ  R9, BX
	LINES(16, R8, R9)
	SHLQ $16, AX
	SHLQ $16, BX
	ORQ  R8, AX
	ORQ  R9, BX
	LINES(0, R8, R9)
	SHLQ $16, AX
	SHLQ $16, BX
	ORQ  R8, AX
	ORQ  R9, BX
	MOVQ AX, control+8(FP)
	MOVQ BX, colon+16(FP)
	RET

// CONTROLS adds to X7 the sixteen octets of X0 that are control octets.
#define CONTROLS \
	MOVO    X0, X1  \
	PMINUB  X8, X1  \
	PCMPEQB X0, X1  \
	POR     X1, X7  \
	PCMPEQB X9, X0  \
	POR     X0, X7

// COPY copies the DX octets at SI, eight or more, to DI, and compares with zero what control octets it saw. It takes sixteen at a
// time; the last sixteen, some of them for the second time; of fewer than sixteen eight from the start and eight up to the end.
#define COPY \
	MOVOU spaces<>(SB), X8  \
	MOVOU deletes<>(SB), X9 \
	PXOR X7, X7             \
	SUBQ $16, DX            \
	JLT  short              \
	XORQ CX, CX             \
next:                       \
	CMPQ CX, DX             \
	JGE  last               \
	MOVOU (SI)(CX*1), X0    \
	MOVOU X0, (DI)(CX*1)    \
	CONTROLS                \
	ADDQ $16, CX            \
	JMP  next               \
last:                       \
	MOVOU (SI)(DX*1), X0    \
	MOVOU X0, (DI)(DX*1)    \
	CONTROLS                \
	JMP  done               \
short:                      \
	MOVQ (SI), X0           \
	MOVQ 8(SI)(DX*1), X2    \
	MOVQ X0, (DI)           \
	MOVQ X2, 8(DI)(DX*1)    \
	PUNPCKLQDQ X2, X0       \
	CONTROLS                \
done:                       \
	PMOVMSKB X7, AX         \
	TESTL AX, AX

// func copyText(dst []byte, s string) (control bool)
TEXT ·copyText(SB), NOSPLIT, $0-41
	MOVQ dst_base+0(FP), DI
	MOVQ s_base+24(FP), SI
	MOVQ s_len+32(FP), DX
	COPY
	SETNE control+40(FP)
	RET

// func copyBytes(dst, b []byte) (control bool)
TEXT ·copyBytes(SB), NOSPLIT, $0-49
	MOVQ dst_base+0(FP), DI
	MOVQ b_base+24(FP), SI
	MOVQ b_len+32(FP), DX
	COPY
	SETNE control+48(FP)
	RET

// func hasAVX2() bool
TEXT ·hasAVX2(SB), NOSPLIT, $0-1
	MOVB $0, ret+0(FP)
	XORL AX, AX
	CPUID
	CMPL AX, $7 // the highest leaf
	JLT  done
	MOVL $1, AX
	XORL CX, CX
	CPUID
	ANDL $(1<<27 | 1<<28), CX // XGETBV may be used, and there is AVX
	CMPL CX, $(1<<27 | 1<<28)
	JNE  done
	XORL CX, CX
	XGETBV
	ANDL $6, AX // the system keeps the registers' both halves
	CMPL AX, $6
	JNE  done
	MOVL $7, AX
	XORL CX, CX
	CPUID
	BTL  $5, BX // AVX2
	SETCS ret+0(FP)
done:
	RET
