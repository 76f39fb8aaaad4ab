/** The micro-operation instruction set: operations, programs and the assembler that writes them. Imports nothing. */
package io.rseqlab.collector.isa;
