CREATE TABLE "handovers" (
	"handover_id" text PRIMARY KEY NOT NULL,
	"token_hash" text NOT NULL,
	"alias" text NOT NULL,
	"type" text NOT NULL,
	"source" text,
	"makes_source" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"done_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers_source_sources_alias_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("alias") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "handovers_alias" ON "handovers" USING btree ("alias","created_at");