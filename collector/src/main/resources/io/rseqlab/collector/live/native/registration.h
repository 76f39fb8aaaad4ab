/* Registration: each result of rseq(2), and what it leaves in the area. */

static const char *register_first(void) { return name_of(rseq(own.bytes, 32, 0, SIGNATURE)); }

/* The result of a second registration. */
static const char *again(void *area, unsigned length, int flags, unsigned signature)
{
    register_own();
    return name_of(rseq(area, length, flags, signature));
}

static const char *again_same(void) { return again(own.bytes, area_bytes, 0, SIGNATURE); }
static const char *again_signature(void) { return again(own.bytes, area_bytes, 0, SIGNATURE + 1); }
static const char *again_address(void) { return again(other.bytes, area_bytes, 0, SIGNATURE); }
static const char *again_length(void) { return again(own.bytes, area_bytes + 32, 0, SIGNATURE); }
static const char *again_address_signature(void) { return again(other.bytes, area_bytes, 0, SIGNATURE + 1); }
static const char *again_flags(void) { return again(own.bytes, area_bytes, 1 << 30, SIGNATURE); }
static const char *unknown_flag(void) { return name_of(rseq(own.bytes, 32, 1 << 30, SIGNATURE)); }
static const char *misaligned(void) { return name_of(rseq(own.bytes + 8, 32, 0, SIGNATURE)); }
static const char *length_28(void) { return name_of(rseq(own.bytes, 28, 0, SIGNATURE)); }
static const char *length_31(void) { return name_of(rseq(own.bytes, 31, 0, SIGNATURE)); }
static const char *length_33(void) { return name_of(rseq(own.bytes, 33, 0, SIGNATURE)); }
static const char *length_33_at_32(void) { return name_of(rseq(own.bytes + 32, 33, 0, SIGNATURE)); }
static const char *length_33_at_16(void) { return name_of(rseq(own.bytes + 16, 33, 0, SIGNATURE)); }
static const char *null(void) { return name_of(rseq(NULL, 32, 0, SIGNATURE)); }
static const char *kernel_address(void) { return name_of(rseq((void *)0xffff800000000000, 32, 0, SIGNATURE)); }
static const char *misaligned_kernel(void) { return name_of(rseq((void *)0xffff800000000008, 32, 0, SIGNATURE)); }

static char *page(int protection)
{
    char *page = mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(page != MAP_FAILED, "mapping a page");
    return page;
}

static const char *unmapped(void)
{
    char *gone = page(PROT_READ);
    munmap(gone, PAGE);
    return name_of(rseq(gone, 32, 0, SIGNATURE));
}

static const char *unregister_first(void) { return name_of(rseq(own.bytes, area_bytes, UNREGISTER, SIGNATURE)); }
static const char *unregister_ok(void) { return again(own.bytes, area_bytes, UNREGISTER, SIGNATURE); }
static const char *unregister_address(void) { return again(other.bytes, area_bytes, UNREGISTER, SIGNATURE); }
static const char *unregister_length(void) { return again(own.bytes, area_bytes + 32, UNREGISTER, SIGNATURE); }
static const char *unregister_signature(void) { return again(own.bytes, area_bytes, UNREGISTER, SIGNATURE + 1); }
static const char *unregister_flag(void) { return again(own.bytes, area_bytes, UNREGISTER | 1 << 30, SIGNATURE); }

static const char *unregister_again(void)
{
    unregister_ok();
    return name_of(rseq(own.bytes, area_bytes, UNREGISTER, SIGNATURE));
}

static const char *register_after(void)
{
    unregister_ok();
    return name_of(rseq(other.bytes, 32, 0, SIGNATURE + 1));
}

static const char *unregister_fields(void)
{
    static char fields[64];
    register_own();
    sleep_us(1000);
    need(rseq(own.bytes, area_bytes, UNREGISTER, SIGNATURE) == 0, "unregistering");
    snprintf(fields, sizeof fields, "%u %d %u %u", own.area.cpu_id_start, (int)own.area.cpu_id, own.area.node_id,
             own.area.mm_cid);
    return fields;
}

static const char *register_pointer(void)
{
    descriptor = DESCRIBE(spin_section);
    own.area.rseq_cs = (uintptr_t)&descriptor;
    register_own();
    return own.area.rseq_cs ? "kept" : "cleared";
}

static const char *register_ids(void)
{
    pin(cpus[cpu_count > 1]);
    own.area.cpu_id = own.area.cpu_id_start = 99;
    register_own();
    return own.area.cpu_id == real_cpu() && own.area.cpu_id_start == own.area.cpu_id ? "written" : "kept";
}

static const char *number(unsigned long value)
{
    static char text[32];
    if (!value)
        return cannot("this kernel does not say");
    snprintf(text, sizeof text, "%lu", value);
    return text;
}

static const char *feature_size(void) { return number(getauxval(27)); }
static const char *alignment(void) { return number(getauxval(28)); }

static const struct probe registration_probes[] = {
    { "feature-size", feature_size },
    { "area-alignment", alignment },
    { "register", register_first },
    { "register-again", again_same },
    { "register-again-signature", again_signature },
    { "register-again-address", again_address },
    { "register-again-length", again_length },
    { "register-again-both", again_address_signature },
    { "register-again-flag", again_flags },
    { "register-unknown-flag", unknown_flag },
    { "register-misaligned", misaligned },
    { "register-length-28", length_28 },
    { "register-length-31", length_31 },
    { "register-length-33", length_33 },
    { "register-length-33-at-32", length_33_at_32 },
    { "register-length-33-at-16", length_33_at_16 },
    { "register-null", null },
    { "register-unmapped", unmapped },
    { "register-kernel-address", kernel_address },
    { "register-misaligned-kernel", misaligned_kernel },
    { "register-clears-rseq-cs", register_pointer },
    { "register-writes-ids", register_ids },
    { "unregister", unregister_ok },
    { "unregister-fields", unregister_fields },
    { "unregister-not-registered", unregister_first },
    { "unregister-twice", unregister_again },
    { "unregister-address", unregister_address },
    { "unregister-length", unregister_length },
    { "unregister-signature", unregister_signature },
    { "unregister-other-flag", unregister_flag },
    { "register-after-unregister", register_after },
    { NULL, NULL },
};
