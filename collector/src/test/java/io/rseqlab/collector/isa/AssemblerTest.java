package io.rseqlab.collector.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AssemblerTest {
    /** A section of three micro-operations between arming and return. */
    private static Program program() {
        Assembler a = new Assembler();
        Assembler.Label retry = a.here();
        Assembler.SectionLabel section = a.section("pop", retry);
        a.arm(section, Reg.T0);
        a.start(section);
        a.ld64(Reg.T1, Reg.TLS, -8);
        a.addi(Reg.T1, Reg.T1, -1);
        a.st64(Reg.TLS, -8, Reg.T1);
        a.commit(section);
        a.place(a.label("end"));
        a.ret(Reg.LINK);
        return a.link();
    }

    @Test
    void theSectionStartsRightBehindTheArmingStore() {
        Program program = program();
        Section section = program.sections().get(0);
        assertThat(program.text(section.start() - 1)).isEqualTo("st64 [r29+8], r4");
        assertThat(program.listing(section)).containsExactly("ld64 r5, [r28-8]", "addi r5, r5, -1", "st64 [r28-8], r5");
        assertThat(section.length()).isEqualTo(3);
        assertThat(program.sectionAt(section.end())).isNull();
        assertThat(program.sectionAt(section.start())).isEqualTo(section);
    }

    @Test
    void theAbortHandlerStandsBehindTheSignatureAndLeadsBack() {
        Program program = program();
        Section section = program.sections().get(0);
        assertThat(Op.code(program.code()[section.abort() - 1])).isEqualTo(Op.SIG);
        assertThat(Op.imm(program.code()[section.abort() - 1])).isEqualTo(Program.SIGNATURE);
        assertThat(Op.code(program.code()[section.abort()])).isEqualTo(Op.JMP);
        assertThat(Op.imm(program.code()[section.abort()])).isZero();
    }

    @Test
    void labelsMayBeUsedBeforeTheyArePlaced() {
        Assembler a = new Assembler();
        Assembler.Label end = a.label("end");
        a.beqz(Reg.A0, end);
        a.call(end, Reg.LINK);
        a.place(end);
        Program program = a.link();
        assertThat(program.position("end")).isEqualTo(2);
        assertThat(Op.imm(program.code()[0])).isEqualTo(2);
        assertThat(Op.imm(program.code()[1])).isEqualTo(2);
    }

    @Test
    void mistakesAreFoundAtLinking() {
        Assembler nowhere = new Assembler();
        nowhere.jmp(nowhere.label());
        assertThatThrownBy(nowhere::link).hasMessageContaining("placed nowhere");
        Assembler twice = new Assembler();
        Assembler.Label label = twice.here();
        assertThatThrownBy(() -> twice.place(label)).hasMessageContaining("placed twice");
        Assembler open = new Assembler();
        open.start(open.section("pop", open.here()));
        assertThatThrownBy(open::link).hasMessageContaining("no commit");
    }

    @Test
    void wideConstantsShareOnePlace() {
        Assembler a = new Assembler();
        a.li(Reg.T0, Long.MIN_VALUE);
        a.li(Reg.T1, Long.MIN_VALUE);
        Program program = a.link();
        assertThat(program.constants()).containsExactly(Long.MIN_VALUE);
        assertThat(program.text(1)).isEqualTo("li r5, -9223372036854775808");
    }

    @Test
    void pointersAndPositionsCorrespond() {
        Program program = program();
        assertThat(program.position(Program.pointer(3))).isEqualTo(3);
        assertThat(program.position(Program.pointer(3) + 1)).isEqualTo(-1);
        assertThat(program.position(Program.pointer(10_000))).isEqualTo(-1);
    }
}
