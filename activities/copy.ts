import { setTimeout as sleep } from 'node:timers/promises';
import type { CopyAnswer, CopyWork, RunReference, TablesWork } from '../domain/activityMessages';
import { rangesBetween } from '../domain/keys';
import type { TablePlan } from '../domain/plan';
import type { ControlStore, CopyProgress, Pace, Source } from '../engines/engine';
import { activity, type Activity } from './activity';
import { runWork, withBoth, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
