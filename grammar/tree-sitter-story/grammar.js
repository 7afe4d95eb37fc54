// The .story language for tree-sitter, line by line as ../story.lark has it; the tests hold the two together.
//
// The scanner (src/scanner.c) says how deep each line stands, reads texts, numbers and comments, and knows where a
// number ends. Lines of the first column begin with `_top`, lines of a block with `_line`, lines under a beat with
// `_part`: what is wrong in one line then leaves the lines around it as they are.

const property = (word, ...values) => seq(field("word", word), ...values);
const lora = ($) => property("lora", optional(choice("high", "low")), field("value", $.path), optional($.number));
const paths = ($, word) => property(word, repeat1(field("value", $.path)));
const words = ($, word) => property(word, field("value", $.text));
const chosen = ($, word) => property(word, field("value", $._choice));
const music = ($) => property("music", field("value", $.path), optional($.number));

// The lines of a block that is no scene, each with its end.
const lines = ($, line) => repeat(seq($._line, alias(line, $.property), $._newline));

// The short forms of a declaration: a text alone, or one of the block's lines, on its head.
const short = ($, line) => optional(choice(field("looks", $.text), alias(line, $.property)));

// A word of the language as the name of who a beat is about.
const named = ($, word) => field("entity", alias(word, $.name));
const motion = ($) => field("motion", $.name);
const description = ($) => field("description", $.text);
const rest = ($) => seq(optional(motion($)), optional($.span), optional(description($)));

module.exports = grammar({
  name: "story",

  word: ($) => $.name,

  extras: ($) => [/[ \t\r\n]/, $.comment, $._margin],

  externals: ($) => [
    $._top,
    $._line,
    $._part,
    $._newline,
    $.comment,
    // The blanks before a comment on a line of its own.
    $._margin,
    $._text_start,
    $._path_start,
    $._text_end,
    $.text_content,
    $.escape_sequence,
    $.number,
    $.time,
    $.size,
    // What no line may hold; the rule of a line that must not be read ends in it.
    $._never,
  ],

  rules: {
    document: ($) =>
      repeat(
        seq(
          $._top,
          choice($.use, $.story, $.character, $.prop, $.location, $.motion, $.scene),
        ),
      ),

    // Blocks

    use: ($) => seq("use", field("file", $.path), $._newline),

    story: ($) => seq("story", field("title", $.text), $._newline, lines($, $._story_line)),

    character: ($) =>
      seq(
        "character",
        field("name", $.name),
        optional(seq("from", field("base", $.name))),
        short($, $._character_line),
        $._newline,
        lines($, $._character_line),
      ),

    prop: ($) =>
      seq(
        "prop",
        field("name", $.name),
        optional(seq("from", field("base", $.name))),
        short($, $._prop_line),
        $._newline,
        lines($, $._prop_line),
      ),

    location: ($) =>
      seq(
        "location",
        field("name", $.name),
        optional(seq("from", field("base", $.name))),
        short($, $._location_line),
        $._newline,
        lines($, $._location_line),
      ),

    motion: ($) =>
      seq(
        "motion",
        field("name", $.name),
        optional(alias($._motion_line, $.property)),
        $._newline,
        lines($, $._motion_line),
      ),

    scene: ($) =>
      seq(
        "scene",
        field("name", $.name),
        $._newline,
        repeat(
          seq(
            $._line,
            choice(
              seq(alias($._scene_line, $.property), $._newline),
              // Where a character is called so it is a beat, and what stands under one may follow.
              seq(alias($._either_line, $.property), $._newline, repeat($._under)),
              $.beat,
              $._misplaced,
            ),
          ),
        ),
      ),

    // Lines of each block

    _story_line: ($) =>
      choice(
        property("language", field("value", $.number)),
        words($, "topic"),
        words($, "style"),
        property("model", field("value", choice($._choice, alias($.model_name, $.name)))),
        property("seed", field("value", $.number)),
        property("size", field("value", $.size)),
        chosen($, "planner"),
        chosen($, "catalog"),
        lora($),
        chosen($, "voice"),
        music($),
      ),

    _character_line: ($) => choice(words($, "looks"), paths($, "images"), lora($), chosen($, "voice")),

    _prop_line: ($) => words($, "looks"),

    _location_line: ($) => choice(words($, "looks"), paths($, "images"), lora($)),

    _motion_line: ($) => choice(words($, "query"), paths($, "clips"), lora($)),

    // A line that both a property and a beat can be is a property.
    _scene_line: ($) =>
      prec(
        1,
        choice(
          words($, "background"),
          words($, "narration"),
          property("duration", field("value", choice($.time, "auto"))),
          property("transition", field("value", $.name), optional($.time)),
          words($, "avoid"),
          words($, "camera"),
          property("seed", field("value", $.number)),
          property("takes", field("value", $.number)),
          property("from", field("value", $.text), optional(field("value", $._choice))),
          property("music", field("value", $.path), $.number),
        ),
      ),

    _either_line: ($) =>
      prec(1, choice(property("in", field("location", $.name)), property("music", field("value", $.path)))),

    // Beats and what stands under them

    beat: ($) => seq($._beat_line, $._newline, repeat($._under)),

    _under: ($) => seq($._part, $._beat_part, $._newline),

    _beat_line: ($) =>
      choice(
        seq(field("entity", $.name), rest($)),
        // Words that came later than the language: a character or prop may be called so.
        seq(choice(...["location", "in", "takes", "music", "says"].map((word) => named($, word))), rest($)),
        // Words that begin a block, where the line is none of these blocks' heads.
        seq(
          choice(named($, "use"), named($, "story")),
          choice(
            optional(seq($.span, optional(description($)))),
            seq(motion($), optional($.span), optional(description($))),
          ),
        ),
        seq(
          choice(named($, "character"), named($, "prop")),
          choice(
            optional(description($)),
            seq(optional(motion($)), $.span, optional(description($))),
          ),
        ),
        seq(
          named($, "motion"),
          choice(
            optional(description($)),
            seq(motion($), description($)),
            seq(optional(motion($)), $.span, optional(description($))),
          ),
        ),
        seq(
          named($, "scene"),
          choice(
            optional(description($)),
            seq(motion($), description($)),
            seq(optional(motion($)), $.span, optional(description($))),
          ),
        ),
      ),

    // A key frame that stands under no beat.
    _misplaced: ($) => seq("at", $._never),

    _beat_part: ($) => choice($.key_frame, $.entrance, $.exit, $.speech),

    key_frame: ($) => seq("at", field("time", $.time), choice($.box, field("place", alias($.name, $.place)))),
    entrance: ($) => seq("enters", field("side", alias($.name, $.place))),
    exit: ($) => seq("leaves", field("side", alias($.name, $.place))),
    speech: ($) => seq("says", field("words", $.text), optional(seq("at", field("time", $.time)))),

    span: ($) => seq(field("start", $.time), choice("..", seq("...", $._never)), field("end", $.time)),

    box: ($) => seq("[", repeat(seq($.number, optional(","))), "]"),

    // Words and texts

    _choice: ($) => choice($.name, $.text),

    text: ($) => seq($._text_start, repeat(choice($.text_content, $.escape_sequence)), $._text_end),

    path: ($) => seq($._path_start, repeat(choice(alias($.text_content, $.path_content), $.escape_sequence)), $._text_end),

    name: (_) => /[A-Za-z][A-Za-z0-9_-]*/,

    model_name: (_) => /[A-Za-z][A-Za-z0-9_]*-[0-9]+\.[0-9]+[A-Za-z0-9_-]*/,
  },
});
